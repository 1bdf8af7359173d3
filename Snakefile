# Compare methods over seeds: train and evaluate every cell, merge the cells, compare the methods.
#
#   snakemake --cores 8                             everything, with tables and report
#   snakemake --cores 8 results/compare.nc          the merged results only
#   snakemake --cores 8 --config seeds=0,1,2 methods=mlp,cnn overrides='training.epochs=5'

from snakemake.utils import min_version

min_version("9.14")


include: "workflow/rules/common.smk"


report: "workflow/report/study.rst"


rule all:
    input:
        f"{RESULTS}/compare.nc",
        lambda wildcards: rules.stats.output,
        lambda wildcards: rules.report.output,
    localrule: True


include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/aggregate.smk"
include: "workflow/rules/stats.smk"
include: "workflow/rules/report.smk"
