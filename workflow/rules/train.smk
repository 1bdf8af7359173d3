# Train one cell.


rule train:
    output:
        model=f"{CELL}/model.pt",
        record=f"{CELL}/train.json",
    log:
        "logs/train/{dataset}/{method}/{seed}.log",
    benchmark:
        f"{CELL}/benchmark.train.tsv"
    threads: PLAN.resources["train"]["threads"]
    resources:
        mem_mb=PLAN.resources["train"]["mem_mb"],
        runtime=PLAN.resources["train"]["runtime"],
        gpu=PLAN.resources["train"]["gpu"],
    params:
        data=settings("data"),
        method=settings("method"),
        training=settings("training"),
        sources=sources("data", "method", "training"),
    message:
        "train {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
    shell:
        "{TRAIN_ENVIRONMENT} {sys.executable} -m mushin train"
        " {wildcards.dataset}/{wildcards.method}/{wildcards.seed}"
        " --results {RESULTS:q} --threads {TRAIN_THREADS}"
        " --settings {params.data:q} {params.method:q} {params.training:q}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"
