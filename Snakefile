# The only entry: bare `snakemake --cores all` runs config/demo.yaml, --configfile another one.
from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/plan.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/unit.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        everything,


onstart:
    check_pulled(PLAN, workflow.deployment_settings)
    look_before_jobs(PLAN, here=workflow.local_exec)


onerror:
    # A report of what there is, where the failed units stand as rows; the next run remakes it.
    shell("rise report --allow-incomplete {PLAN.resolved:q} || true")
