#!/bin/bash
# Ten million cells on four nodes of a cluster that SLURM manages:  sbatch examples/cluster.sh
#
# Change the numbers to your cluster's, and the line that makes Python available. One rank a core:
# a population is stepped by one thread.
#SBATCH --job-name=izhikevich
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=32
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=02:00:00
set -eu

. "${IZHIKEVICH_VENV:-$HOME/izhikevich/venv}/bin/activate"
cd "${SLURM_SUBMIT_DIR:-.}"

# One process compiles the mechanisms, if they are not there yet, before 128 ask for them.
python -c "import izhikevich.engine"

srun python examples/cluster.py --cells "${CELLS:-10000000}" --seconds "${SECONDS_OF_MODEL:-1}" \
    --out "spikes-${SLURM_JOB_ID:-0}"
