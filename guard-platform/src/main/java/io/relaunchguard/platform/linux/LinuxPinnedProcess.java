package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
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
import org.jspecify.annotations.Nullable;

/** A process held by a pidfd. */
final class LinuxPinnedProcess implements PinnedProcess {

    private final long pid;
    private final int pidfd;
    private final Pidfd kernel;
    private final LinuxProcessTable table;
    private @Nullable ExitWatch exitWatch;
    private boolean exited;
    private boolean closed;

    LinuxPinnedProcess(long pid, int pidfd, Pidfd kernel, LinuxProcessTable table) {
        this.pid = pid;
        this.pidfd = pidfd;
        this.kernel = kernel;
        this.table = table;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public Observation<ProcessIdentity> identity() {
        return whileAlive(table.look(pid));
    }

    /** Only if the process is still alive after a reading of its pid was the reading of this process. */
    synchronized <T> Observation<T> whileAlive(Observation<T> reading) {
        if (closed && !exited) {
            return Observation.unknown("process %d was let go".formatted(pid));
        }
        return hasExited() ? Observation.absent("process %d has exited".formatted(pid)) : reading;
    }

    @Override
    public synchronized boolean hasExited() {
        if (!exited && !closed) {
            exited = kernel.hasExited(pidfd);
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
        return whileAlive(table.activity(pid));
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
        kernel.close(pidfd);
    }

    private synchronized SentSignal send(Signal signal) {
        if (closed) {
            return new SentSignal(signal, pid, SentSignal.Result.REFUSED, "the process was let go");
        }
        try {
            kernel.signal(pidfd, number(signal));
            return new SentSignal(signal, pid, SentSignal.Result.DELIVERED, "");
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH
                    ? new SentSignal(signal, pid, SentSignal.Result.GONE, "")
                    : new SentSignal(signal, pid, SentSignal.Result.REFUSED, kernel.meaning(e.getErrorCode()));
        }
    }

    /** The numbers of signal(7), the same on every architecture that Java runs on, MIPS excepted. */
    private static int number(Signal signal) {
        return switch (signal) {
            case TERM -> 15;
            case KILL -> 9;
            case CONT -> 18;
        };
    }

    /** Waits in poll(2) for the exit, on a thread of its own. */
    private final class ExitWatch {

        private final int waker = kernel.waker();
        private final Thread thread;

        ExitWatch(Runnable action) {
            thread = new Thread(
                    () -> {
                        if (kernel.awaitExit(pidfd, waker)) {
                            action.run();
                        }
                    },
                    "relaunch-guard-exit-" + pid);
            thread.setDaemon(true);
        }

        void start() {
            thread.start();
        }

        /** Ends the wait, and only then gives up the descriptors: another file might get their numbers. */
        void end() {
            kernel.wake(waker);
            if (thread != Thread.currentThread()) {
                Uninterruptibly.join(thread);
            }
            kernel.close(waker);
        }
    }
}
