# Merge all cells into one labelled Dataset.


rule aggregate:
    input:
        [f"{RESULTS}/{cell}/cell.nc" for cell in PLAN.cells()],
    output:
        results=f"{RESULTS}/compare.nc",
        costs=f"{RESULTS}/costs.csv",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{LOGS}/aggregate.log",
    benchmark:
        f"{LOGS}/aggregate.tsv"
    localrule: True
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        results=results_folder,
        datasets=f"--datasets {' '.join(PLAN.datasets)}",
        methods=f"--methods {' '.join(PLAN.methods)}",
        seeds=f"--seeds {' '.join(map(str, PLAN.seeds))}",
        # Where a clock was set back, a new cell looks older than what was merged before.
        cells=f"cells={PLAN.dependencies}",
    message:
        "merge the cells into {output.results}"
    shell:
        "python -m mushin aggregate --results {params.results:q}"
        " {params.datasets} {params.methods} {params.seeds}"
        " > {log:q} 2>&1 || {{ tail -n 3 {log:q} >&2; exit 1; }}"
