# Score one trained cell on the test split.


rule evaluate:
    input:
        trained=trained,
        record=f"{CELL}/train.json",
    output:
        cell=f"{CELL}/cell.nc",
    log:
        f"{LOGS}/evaluate/{{dataset}}/{{method}}/{{seed}}.log",
    benchmark:
        f"{CELL}/benchmark.evaluate.tsv"
    group:
        "cell"
    threads: threads_of("task")
    resources:
        **resources_of("evaluate"),
    params:
        results=results_folder,
        threads=threads_of("task"),
        data=settings("data"),
        method=settings("method"),
        training=settings("training"),
        task=settings("task"),
        sources=sources("data", "method", "training", "task"),
    message:
        "evaluate {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
    shell:
        "export OMP_NUM_THREADS={params.threads} MKL_NUM_THREADS={params.threads}"
        " OPENBLAS_NUM_THREADS={params.threads};"
        " python -m mushin evaluate {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
        " --results {params.results:q} --gpus {resources.gpu}"
        " --settings {params.data:q} {params.method:q} {params.training:q} {params.task:q}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"
