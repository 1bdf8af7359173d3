# Write all that the study found as one page, with its figures beside it.


rule report:
    input:
        results=f"{RESULTS}/compare.nc",
        costs=f"{RESULTS}/costs.csv",
        comparisons=f"{RESULTS}/comparisons.csv",
        over_datasets=OVER_DATASETS,
    output:
        page=report(
            f"{RESULTS}/report.html",
            caption="../report/page.rst",
            category="Report",
            labels={"page": "all that the study found"},
        ),
        figures=report(
            directory(f"{RESULTS}/report_figures"),
            patterns=["{figure}.svg"],
            caption="../report/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
    log:
        f"{LOGS}/report.log",
    benchmark:
        f"{LOGS}/report.tsv"
    localrule: True
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        results=results_folder,
    message:
        "write {output.page}"
    shell:
        "python -m mushin report {params.results:q} --output {output.page:q} --figures {output.figures:q}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"
