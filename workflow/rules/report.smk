rule report:
    input:
        report_needs,
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
