package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** A process handle that requests the exit with SIGTERM and SIGCONT, and forces it with SIGKILL. */
public final class PosixPinnedProcess implements PinnedProcess {

    private final long pid;
    private final KernelHandle handle;
    private final LongFunction<Observation<ProcessIdentity>> look;
    private final LongFunction<Observation<Activity>> usage;
    private @Nullable ExitWatch exitWatch;
    private boolean exited;
    private boolean closed;

    /**
     * Creates the handle of a process.
     *
     * @param look examines the process with a PID
     * @param usage reads how much the process with a PID has done
     */
    public PosixPinnedProcess(
            long pid,
            KernelHandle handle,
            LongFunction<Observation<ProcessIdentity>> look,
            LongFunction<Observation<Activity>> usage) {
        this.pid = pid;
        this.handle = handle;
        this.look = look;
        this.usage = usage;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public Observation<ProcessIdentity> identity() {
        return whileAlive(look.apply(pid));
    }

    /**
     * Returns a reading only if the process was still alive afterwards: otherwise it may describe another process with
     * the same PID.
     */
    synchronized <T> Observation<T> whileAlive(Observation<T> reading) {
        if (closed && !exited) {
            return Observation.unknown("process %d was let go".formatted(pid));
        }
        return hasExited() ? Observation.absent("process %d has exited".formatted(pid)) : reading;
    }

    @Override
    public synchronized boolean hasExited() {
        if (!exited && !closed) {
            exited = handle.hasExited();
        }
        return exited;
    }

    @Override
    public List<SentSignal> requestExit() {
        List<SentSignal> sent = new ArrayList<>();
        sent.add(send(Signal.TERM));
        sent.addAll(resumeIfStopped());
        return sent;
    }

    @Override
    public SentSignal forceExit() {
        return send(Signal.KILL);
    }

    @Override
    public List<SentSignal> resumeIfStopped() {
        boolean stopped = identity()
                .toOptional()
                .map(identity -> identity.state() == ExecutionState.STOPPED)
                .orElse(false);
        return stopped ? List.of(send(Signal.CONT)) : List.of();
    }

    @Override
    public Observation<Activity> activity() {
        return whileAlive(usage.apply(pid));
    }

    @Override
    public synchronized void onExit(Runnable action) {
        if (closed || exitWatch != null) {
            throw new IllegalStateException("the exit of process %d is awaited already, or never".formatted(pid));
        }
        exitWatch = new ExitWatch(action);
        exitWatch.start();
    }

    @Override
    public void close() {
        ExitWatch watch;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            watch = exitWatch;
        }
        if (watch != null) {
            watch.end();
        }
        handle.close();
    }

    private synchronized SentSignal send(Signal signal) {
        return closed
                ? new SentSignal(signal, pid, SentSignal.Result.REFUSED, "the process was let go")
                : handle.send(signal);
    }

    /** Waits for the exit on a thread of its own. */
    private final class ExitWatch {

        private final KernelHandle.ExitWait wait = handle.exitWait();
        private final Thread thread;

        ExitWatch(Runnable action) {
            thread = new Thread(
                    () -> {
                        if (wait.await()) {
                            action.run();
                        }
                    },
                    "relaunch-guard-exit-" + pid);
            thread.setDaemon(true);
        }

        void start() {
            thread.start();
        }

        /** Ends the wait, and only then closes the descriptors: another file might get their numbers. */
        void end() {
            wait.end();
            if (thread != Thread.currentThread()) {
                Uninterruptibly.join(thread);
            }
            wait.close();
        }
    }
}
