# One job a unit.
rule unit:
    input:
        unit_needs,
    output:
        f"{PLAN.results}/units/{UNIT}/record.json",
        f"{PLAN.results}/units/{UNIT}/predictions.npz",
    log:
        f"{LOGS}/units/{UNIT}.log",
    benchmark:
        f"{BENCHMARKS}/units/{UNIT}.tsv"
    threads: THREADS + PLAN.experiment.workers
    resources:
        mem_mb=memory("unit"),
        runtime=minutes("unit"),
        gpu=GPU,
    params:
        request=f"{PLAN.results}/units/{UNIT}/request.json",
    shell:
        "rise unit {params.request:q} > {log:q} 2>&1"
