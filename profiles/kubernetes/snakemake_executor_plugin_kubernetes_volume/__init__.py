"""Snakemake's Kubernetes executor, for jobs that share a volume with the Snakemake behind them.

The plugin takes it that nothing is shared and would move every file through a storage service;
units read more than the files that rules name, and want the project's folder itself.
"""

import shlex
from dataclasses import replace

from snakemake_executor_plugin_kubernetes import Executor as _Executor
from snakemake_executor_plugin_kubernetes import ExecutorSettings as ExecutorSettings
from snakemake_executor_plugin_kubernetes import common_settings as _settings

common_settings = replace(
    _settings,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    auto_deploy_default_storage_provider=False,
)


class Executor(_Executor):
    """Jobs that start in the project's folder, not in an empty one."""

    def get_job_exec_prefix(self, job: object) -> str:
        """Stands in front of a job's command."""
        return f"cd {shlex.quote(str(self.workflow.workdir_init))}"
