"""Five steps of everybody on a heap, and nothing else: no conditions, no hours, no caps, no texts, nobody's data.

The least that a simulation of so many people costs in Python. Prints steps and seconds of CPU time.
"""
import heapq
import sys
import time


def main(people, steps):
    day = 24 * 3_600_000
    before = time.process_time()
    due = [(day, person, 0) for person in range(people)]
    heapq.heapify(due)
    done = 0
    while due:
        at, person, step = heapq.heappop(due)
        done += 1
        if step + 1 < steps:
            heapq.heappush(due, (at + 2 * day, person, step + 1))
    print(done, time.process_time() - before)


main(int(sys.argv[1]), int(sys.argv[2]))
