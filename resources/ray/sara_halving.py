"""Successive halving decided in the order of the trials' numbers: src-main/sweeps/halving.ts in Python."""

from bisect import bisect_left


def rungs_of(grace, reduction, longest):
    rungs, step = [], grace
    while step < longest:
        rungs.append(step)
        step *= reduction
    return rungs


def stops(trials, grace, reduction):
    """The numbers of the trials that are to be stopped.

    trials: in the order of their numbers, each with `losses` ({step: loss}), `final` and `total`.
    """
    rungs = rungs_of(grace, reduction, max([0, *(trial["total"] for trial in trials)]))
    losses, is_open, stopped = [[] for _ in rungs], [False for _ in rungs], set()
    for number, trial in enumerate(trials, 1):
        for i, rung in enumerate(rungs):
            if rung >= trial["total"]:
                break
            loss = trial["losses"].get(rung)
            if loss is None and trial["final"]:
                break
            if loss is None or is_open[i]:
                is_open[i:] = [True] * (len(rungs) - i)
                break
            better = bisect_left(losses[i], loss)
            losses[i].insert(better, loss)
            if better >= max(1, len(losses[i]) // reduction):
                stopped.add(number)
                break
    return stopped
