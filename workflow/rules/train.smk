# Train one cell: into a model, or into predictions where the method predicts by itself.


rule train:
    output:
        model=f"{CELL}/model.pt",
        record=f"{CELL}/train.json",
    log:
        f"{LOGS}/train/{{dataset}}/{{method}}/{{seed}}.log",
    benchmark:
        f"{CELL}/benchmark.train.tsv"
    wildcard_constraints:
        method=methods_where(leaves_predictions=False),
    group:
        "cell"
    threads: threads_of("training")
    resources:
        **resources_of("train"),
    params:
        results=results_folder,
        threads=threads_of("training"),
        data=settings("data"),
        method=settings("method"),
        training=settings("training"),
        sources=sources("data", "method", "training"),
    message:
        "train {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
    shell:
        "export OMP_NUM_THREADS={params.threads} MKL_NUM_THREADS={params.threads}"
        " OPENBLAS_NUM_THREADS={params.threads};"
        " python -m mushin train {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
        " --results {params.results:q} --gpus {resources.gpu}"
        " --settings {params.data:q} {params.method:q} {params.training:q}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"


use rule train as train_predictions with:
    output:
        predictions=f"{CELL}/predictions.npz",
        record=f"{CELL}/train.json",
    wildcard_constraints:
        method=methods_where(leaves_predictions=True),
