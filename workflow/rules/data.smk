# What the units share: packs, text embeddings, banks. A path holds the digest of all that its
# content depends on, so what exists is right: it gets no inputs and is never made again.


rule pack:
    output:
        "work/packs/{pack}/pack.json",
    log:
        f"{LOGS}/packs/{{pack}}.log",
    benchmark:
        f"{BENCHMARKS}/packs/{{pack}}.tsv"
    resources:
        mem_mb=memory("pack"),
        runtime=minutes("pack"),
    params:
        dataset=dataset_of,
    shell:
        "rise data pack {params.dataset} > {log} 2>&1"


rule texts:
    output:
        "work/texts/{texts}.npz",
    log:
        f"{LOGS}/texts/{{texts}}.log",
    benchmark:
        f"{BENCHMARKS}/texts/{{texts}}.tsv"
    resources:
        mem_mb=memory("texts"),
        runtime=minutes("texts"),
    params:
        request=request_of,
    shell:
        "rise teacher texts {params.request} > {log} 2>&1"


rule zero_shot:
    input:
        zero_shot_needs,
    output:
        f"{PLAN.results}/teacher/{{zero_shot}}.json",
    log:
        f"{LOGS}/teacher/{{zero_shot}}.log",
    benchmark:
        f"{BENCHMARKS}/teacher/{{zero_shot}}.tsv"
    resources:
        mem_mb=memory("zero_shot"),
        runtime=minutes("zero_shot"),
    params:
        request=request_of,
    shell:
        "rise teacher zero-shot {params.request} > {log} 2>&1"


rule bank:
    input:
        bank_needs,
    output:
        "work/banks/{bank}/bank.json",
    log:
        f"{LOGS}/banks/{{bank}}.log",
    benchmark:
        f"{BENCHMARKS}/banks/{{bank}}.tsv"
    threads: THREADS + PLAN.experiment.workers
    resources:
        mem_mb=memory("bank"),
        runtime=minutes("bank"),
        gpu=GPU,
    params:
        request=request_of,
    shell:
        "rise teacher bank {params.request} > {log} 2>&1"
