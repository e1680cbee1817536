#!/usr/bin/env bash
# A one-machine Slurm in a scratch folder: no systemd, no accounting database. Needs root, and
# Debian's packages slurm-wlm and munge.
#
# usage: cluster.sh start|stop|start-node|kill-node FOLDER
#
# Outside FOLDER it writes one thing, the link /etc/slurm/slurm.conf: a job step of Snakemake's has
# no SLURM_CONF. Keep FOLDER's path short; a socket's has at most 107 characters.
set -euo pipefail
action=$1 root=$(realpath "$2")
conf=/etc/slurm/slurm.conf
host=$(hostname -s)

fail() { echo "cluster.sh: $*" >&2; exit 1; }

await() { # await WHAT COMMAND...
    local what=$1; shift
    for _ in $(seq 150); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
    fail "$what took longer than 30 s; see $root/*.log"
}

idle() { sinfo --noheader --format %T | grep -qE '^(idle|mixed|allocated)$'; }
down() { sinfo --noheader --format %T | grep -q '^down'; }

write_conf() {
    cat <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
# A job that is requeued waits until its credential has expired (120 s by default).
AuthInfo=socket=$root/munge.socket,cred_expire=5
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd.pid
SlurmctldLogFile=$root/slurmctld.log
SlurmdLogFile=$root/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SchedulerParameters=batch_sched_delay=0,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# A node that is silent for so many seconds is down; one that comes back is used again.
SlurmdTimeout=6
MessageTimeout=2
ReturnToService=2
# Without a database, squeue tells the end of a job, for so many seconds.
MinJobAge=3600
# Always the same small node, so that jobs queue on a large machine too.
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=6000
PartitionName=main Nodes=$host Default=YES
CONF
}

# A test that was killed leaves its link; only the controller beside the file says that it lives.
running() {
    local pid
    pid=$(cat "$(dirname "$(readlink -f $conf)")/slurmctld.pid" 2>/dev/null) &&
        grep -qs slurmctld "/proc/$pid/comm"
}

start() {
    [ ! -e $conf ] || [ -L $conf ] || fail "$conf is a file: this machine has a Slurm of its own"
    ! running || fail "$conf is a link to $(readlink $conf): another cluster is running"
    mkdir -p "$root/state" "$root/spool" /etc/slurm
    chmod 755 "$root"
    write_conf >"$root/slurm.conf"
    ln -sfn "$root/slurm.conf" $conf
    (umask 077 && head -c 1024 /dev/urandom >"$root/munge.key")
    munged --force --key-file "$root/munge.key" --socket "$root/munge.socket" \
        --pid-file "$root/munged.pid" --log-file "$root/munged.log" --seed-file "$root/munge.seed"
    slurmctld
    await slurmctld scontrol ping
    start-node
}

# The node is a namespace of processes: when its first one is killed, the kernel kills all others,
# as when a machine loses its power.
start-node() {
    setsid unshare --fork --pid --mount-proc --kill-child slurmd -D </dev/null \
        >"$root/node.log" 2>&1 &
    echo $! >"$root/node.pid"
    await slurmd idle
}

kill-node() {
    kill -9 "$(cat "$root/node.pid")"
    await "seeing the node down" down
}

stop() {
    kill -9 "$(cat "$root/node.pid")" || true
    for daemon in slurmctld munged; do
        kill "$(cat "$root/$daemon.pid")" || continue
        await "the end of $daemon" test ! -e "$root/$daemon.pid"
    done
    [ "$(readlink $conf)" != "$root/slurm.conf" ] || rm $conf
}

case $action in
start | stop | start-node | kill-node) "$action" ;;
*) fail "usage: $0 start|stop|start-node|kill-node FOLDER" ;;
esac
