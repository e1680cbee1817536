# What the units share: decoded datasets, text embeddings, embedding caches. A path holds the digest
# of all that its content depends on, so what exists is right: it gets no inputs and is never made
# again.


rule decode:
    output:
        "work/decoded/{decoded}/dataset.json",
    log:
        f"{LOGS}/decoded/{{decoded}}.log",
    benchmark:
        f"{BENCHMARKS}/decoded/{{decoded}}.tsv"
    resources:
        mem_mb=memory("decode"),
        runtime=minutes("decode"),
    params:
        dataset=dataset_of,
    shell:
        "rise data decode -- {params.dataset:q} > {log:q} 2>&1"


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
        "rise teacher texts {params.request:q} > {log:q} 2>&1"


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
        "rise teacher zero-shot {params.request:q} > {log:q} 2>&1"


rule embed:
    input:
        cache_needs,
    output:
        "work/embeddings/{cache}/cache.json",
    log:
        f"{LOGS}/embeddings/{{cache}}.log",
    benchmark:
        f"{BENCHMARKS}/embeddings/{{cache}}.tsv"
    threads: THREADS + PLAN.experiment.workers
    resources:
        mem_mb=memory("embed"),
        runtime=minutes("embed"),
        gpu=GPU,
    params:
        request=request_of,
    shell:
        "rise teacher embed {params.request:q} > {log:q} 2>&1"
