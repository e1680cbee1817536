# The report waits for the units that this run makes; what was finished before cannot trigger it.
rule report:
    input:
        [record_path(unit) for unit in PLAN.stale.values()],
        PLAN.missing_zero_shots(),
    output:
        PLAN.report,
    log:
        f"{LOGS}/report.log",
    benchmark:
        f"{BENCHMARKS}/report.tsv"
    localrule: True
    resources:
        mem_mb=memory("report"),
        runtime=minutes("report"),
    params:
        experiment=PLAN.resolved,
    shell:
        "rise report {params.experiment:q} > {log:q} 2>&1"
