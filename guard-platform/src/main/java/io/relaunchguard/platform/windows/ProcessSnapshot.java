package io.relaunchguard.platform.windows;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Lineage;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All processes at one moment, as the kernel lists them: SYSTEM_PROCESS_INFORMATION on 64-bit Windows. The kernel keeps
 * the PID of a parent that has exited and reuses it for other processes, so a parent counts only if it is older than
 * its child.
 */
record ProcessSnapshot(Map<Long, Entry> processes) {

    private static final int THREADS = 4;
    private static final int CREATED = 32;
    private static final int PID = 80;
    private static final int PARENT = 88;
    private static final int THREAD_LIST = 256;
    private static final int THREAD_SIZE = 80;
    private static final int THREAD_STATE = 68;
    private static final int WAIT_REASON = 72;

    /** KTHREAD_STATE and KWAIT_REASON. */
    private static final int WAITING = 5;

    private static final int SUSPENDED = 5;

    ProcessSnapshot {
        processes = Map.copyOf(processes);
    }

    /**
     * One process.
     *
     * @param created when the process was created, as a FILETIME
     * @param parent the PID that its creator had then
     * @param suspended whether all of its threads are suspended
     */
    record Entry(long pid, long created, long parent, boolean suspended) {}

    static ProcessSnapshot parse(ByteBuffer list) {
        Map<Long, Entry> found = new HashMap<>();
        int at = 0;
        int next;
        do {
            next = list.getInt(at);
            Entry entry = new Entry(
                    list.getLong(at + PID), list.getLong(at + CREATED), list.getLong(at + PARENT), suspended(list, at));
            found.put(entry.pid(), entry);
            at += next;
        } while (next != 0);
        return new ProcessSnapshot(found);
    }

    private static boolean suspended(ByteBuffer list, int at) {
        int threads = list.getInt(at + THREADS);
        for (int i = 0; i < threads; i++) {
            int thread = at + THREAD_LIST + i * THREAD_SIZE;
            if (list.getInt(thread + THREAD_STATE) != WAITING || list.getInt(thread + WAIT_REASON) != SUSPENDED) {
                return false;
            }
        }
        return threads > 0;
    }

    /** Returns the process with this PID, if it is the one that was created at that time. */
    Observation<Entry> find(long pid, long created) {
        Entry entry = processes.get(pid);
        return entry != null && entry.created() == created
                ? Observation.seen(entry)
                : Observation.unknown("process %d is not in Windows' list of processes".formatted(pid));
    }

    /** Returns how a process is related to this one. */
    Observation<Lineage> lineage(Entry process, long self) {
        if (process.pid() == self) {
            return Observation.seen(Lineage.SELF);
        }
        Entry own = processes.get(self);
        if (own == null) {
            return Observation.unknown("this process is not in Windows' list of processes");
        }
        if (descends(process, own)) {
            return Observation.seen(Lineage.DESCENDANT);
        }
        return Observation.seen(descends(own, process) ? Lineage.ANCESTOR : Lineage.UNRELATED);
    }

    /** Returns the descendants of a process that are not in this process's own line. */
    List<Entry> helpersOf(Entry ancestor, long self) {
        Entry own = processes.get(self);
        return processes.values().stream()
                .filter(process -> process.pid() != ancestor.pid() && descends(process, ancestor))
                .filter(process -> own != null && !descends(process, own) && !descends(own, process))
                .toList();
    }

    /** Returns whether a process is another one or descends from it. */
    private boolean descends(Entry process, Entry ancestor) {
        Optional<Entry> current = Optional.of(process);
        for (int steps = 0; current.isPresent() && steps <= processes.size(); steps++) {
            if (current.get().equals(ancestor)) {
                return true;
            }
            current = current.flatMap(this::parentOf);
        }
        return false;
    }

    private Optional<Entry> parentOf(Entry process) {
        return Optional.ofNullable(processes.get(process.parent()))
                .filter(parent -> parent.pid() != process.pid() && parent.created() <= process.created());
    }
}
