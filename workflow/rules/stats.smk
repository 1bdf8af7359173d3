# Compare the methods and write the tables; with several data sets, those over data sets too.

OVER_DATASETS = (
    [
        f"{RESULTS}/ranks.csv",
        *multiext(f"{RESULTS}/over_datasets", ".csv", ".md"),
    ]
    if len(PLAN.datasets) > 1
    else []
)


rule stats:
    input:
        f"{RESULTS}/compare.nc",
    output:
        multiext(f"{RESULTS}/comparisons", ".csv", ".md", ".tex"),
        report(
            f"{RESULTS}/comparisons.html",
            caption="../report/comparisons.rst",
            category="Tables",
            labels={"table": "comparisons"},
        ),
        multiext(f"{RESULTS}/summary", ".csv", ".md", ".tex"),
        report(
            f"{RESULTS}/summary.html",
            caption="../report/summary.rst",
            category="Tables",
            labels={"table": "summary"},
        ),
        OVER_DATASETS,
    log:
        f"{LOGS}/stats.log",
    benchmark:
        f"{LOGS}/stats.tsv"
    localrule: True
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        stats=f"stats={canonical_json(PLAN.stats)}",
        cells=f"cells={PLAN.dependencies}",
    message:
        "compare the methods of {input}"
    shell:
        "python -m mushin stats --file {input:q} --settings {params.stats:q}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"
