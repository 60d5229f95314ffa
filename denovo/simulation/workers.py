"""Parallel writing of shards, with a progress bar."""

from collections.abc import Iterator, Sequence

from denovo.errors import InputError, check_at_least
from denovo.processes import WorkerLostError, import_for_workers, n_cores, worker_pool
from denovo.progress import progress_bar
from denovo.simulation.shards import Shard, ShardWriter


def write_shards(
    writer: ShardWriter, shards: Sequence[Shard], processes: int | None
) -> Iterator[tuple[str, str]]:
    """Write shards, and yield name and SHA-256 of each file as soon as it is written.

    A progress bar shows peptides per second and the remaining time. `processes` is the largest
    number of worker processes, None for one per core; with 1, or few shards, this process does the
    work. Invalid input or the death of a worker raises an InputError.
    """
    if processes is not None:
        check_at_least("processes", processes, 1)
    # A worker first imports torch: about as much work as writing several shards of 2,000.
    n_workers = min(processes or n_cores(), len(shards) // 5)
    if n_workers > 1:
        finished = _in_pool(writer, shards, n_workers)
    else:
        finished = ((shard, writer.write(shard)) for shard in shards)
    with progress_bar("peptides") as progress:
        bar = progress.add_task("MS2PIP", total=sum(len(shard.rows) for shard in shards))
        for shard, digest in finished:
            progress.advance(bar, len(shard.rows))
            yield shard.name, digest


def _in_pool(
    writer: ShardWriter, shards: Sequence[Shard], n_workers: int
) -> Iterator[tuple[Shard, str]]:
    import_for_workers(writer.__class__.__module__)
    try:
        # After an error or Ctrl-C, workers complete their files.
        with worker_pool(n_workers, completes=True) as pool:
            for number, digest in pool.results(writer.write, [(shard,) for shard in shards]):
                yield shards[number], digest
    except WorkerLostError as error:
        raise InputError(
            "a simulation process died: it ran out of memory, or the calling script lacks "
            "`if __name__ == '__main__'`; finished files are kept, so run it again with fewer"
        ) from error
