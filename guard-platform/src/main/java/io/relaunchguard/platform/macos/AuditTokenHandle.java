package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.SentSignal.Result;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.posix.KernelHandle;

/**
 * A process handle of macOS: the unique ID of a process, the version of its PID, and a kqueue that reports its exit.
 * The kernel compares PID and version when it delivers a signal, so the signal reaches exactly that process or none.
 * ADR 14 lists the sources.
 */
final class AuditTokenHandle implements KernelHandle {

    private final long pid;
    private final ProcessReader.Version held;
    private final Xnu.Queue exit;
    private final ProcessReader reader;
    private final Xnu kernel;

    private AuditTokenHandle(long pid, ProcessReader.Version held, Xnu.Queue exit, ProcessReader reader, Xnu kernel) {
        this.pid = pid;
        this.held = held;
        this.exit = exit;
        this.reader = reader;
        this.kernel = kernel;
    }

    /** Opens a handle of the process that has this PID now. */
    static Observation<AuditTokenHandle> of(long pid, ProcessReader reader, Xnu kernel) {
        if (!kernel.signalsExactly()) {
            return Observation.unknown("this macOS cannot send a signal to one very process; 14.2 and newer can");
        }
        return reader.version(pid).flatMap(before -> {
            try {
                Xnu.Queue exit = kernel.exitQueue((int) pid);
                // Only if the process still has the PID is the reported exit its own.
                Observation<ProcessReader.Version> after = reader.version(pid);
                if (after.is(before)) {
                    return Observation.seen(new AuditTokenHandle(pid, before, exit, reader, kernel));
                }
                kernel.close(exit);
                return after.flatMap(
                        other -> Observation.unknown("process %d was replaced while it was pinned".formatted(pid)));
            } catch (LastErrorException e) {
                return e.getErrorCode() == Xnu.ESRCH
                        ? Observation.absent("there is no process %d".formatted(pid))
                        : Observation.unknown("the exit of process %d cannot be awaited: %s"
                                .formatted(pid, kernel.meaning(e.getErrorCode())));
            }
        });
    }

    @Override
    public boolean hasExited() {
        return kernel.poll(exit);
    }

    /**
     * {@inheritDoc}
     *
     * <p>In addition to the kernel's check, compares the unique ID, which is never reused.
     */
    @Override
    public SentSignal send(Signal signal) {
        Observation<ProcessReader.Version> now = reader.version(pid);
        if (now instanceof Observation.Unknown) {
            return sent(signal, Result.REFUSED, now.shortfall());
        }
        if (!now.is(held)) {
            return unsent(signal, now);
        }
        int errno = kernel.signal((int) pid, held.version(), number(signal));
        if (errno == Xnu.ESRCH) {
            return unsent(signal, reader.version(pid));
        }
        return errno == 0 ? sent(signal, Result.DELIVERED, "") : sent(signal, Result.REFUSED, kernel.meaning(errno));
    }

    /** Returns the result if there is no process of that version any more. */
    private SentSignal unsent(Signal signal, Observation<ProcessReader.Version> now) {
        return now.map(ProcessReader.Version::uniqueId).is(held.uniqueId())
                ? sent(signal, Result.REFUSED, "it runs another program since it was pinned")
                : sent(signal, Result.GONE, "");
    }

    private SentSignal sent(Signal signal, Result result, String detail) {
        return new SentSignal(signal, pid, result, detail);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The wait is a kevent(2) on a kqueue of its own, because an event is reported only once.
     */
    @Override
    public ExitWait exitWait() {
        try {
            Xnu.Queue queue = kernel.exitQueue((int) pid);
            if (reader.version(pid).map(ProcessReader.Version::uniqueId).is(held.uniqueId())) {
                return new QueueWait(queue);
            }
            kernel.close(queue);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Xnu.ESRCH) {
                throw e;
            }
        }
        return new HasExited();
    }

    @Override
    public void close() {
        kernel.close(exit);
    }

    /** Returns the number of the signal from signal(3) on macOS. */
    private static int number(Signal signal) {
        return switch (signal) {
            case TERM -> 15;
            case KILL -> 9;
            case CONT -> 19;
        };
    }

    private final class QueueWait implements ExitWait {

        private final Xnu.Queue queue;

        QueueWait(Xnu.Queue queue) {
            this.queue = queue;
        }

        @Override
        public boolean await() {
            return kernel.await(queue);
        }

        @Override
        public void end() {
            kernel.wake(queue);
        }

        @Override
        public void close() {
            kernel.close(queue);
        }
    }

    /** The wait for a process that has already exited. */
    private static final class HasExited implements ExitWait {

        @Override
        public boolean await() {
            return true;
        }

        @Override
        public void end() {}

        @Override
        public void close() {}
    }
}
