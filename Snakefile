# Compare methods over seeds: train and evaluate every cell, merge the cells, compare the methods.
#
#   snakemake --cores 8                             everything, with tables and report
#   snakemake --cores 8 results/compare.nc          the merged results only
#   snakemake --cores 8 --config seeds=0,1,2 methods=mlp,cnn overrides='training.epochs=5'


include: "workflow/Snakefile"


# Snakemake takes no included rule for the default target.
workflow.default_target = "all"
