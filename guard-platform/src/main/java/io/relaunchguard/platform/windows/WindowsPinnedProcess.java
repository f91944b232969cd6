package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process handle of Windows.
 *
 * <p>There is nothing to resume: Windows suspends no process on behalf of its user, and TerminateProcess ends a
 * suspended process too.
 */
final class WindowsPinnedProcess implements PinnedProcess {

    /** The exit code of a process that is ended by force: the one after CTRL+C, so that it is not taken for success. */
    private static final int EXIT_CODE = 0xC000013A;

    private final OpenProcess process;
    private final WindowsProcessTable table;
    private @Nullable ExitWatch exitWatch;
    private boolean exited;
    private boolean closed;

    WindowsPinnedProcess(OpenProcess process, WindowsProcessTable table) {
        this.process = process;
        this.table = table;
    }

    OpenProcess process() {
        return process;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Observation<ProcessIdentity> identity() {
        return whileAlive(() -> table.identify(process));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The open handle prevents another process from getting the PID.
     */
    @Override
    public Observation<String> allowForeground() {
        return whileAlive(() -> NativeCalls.MoreUser32.INSTANCE.AllowSetForegroundWindow((int) process.pid())
                ? Observation.seen("process %d may come to the front".formatted(process.pid()))
                : Observation.unknown("AllowSetForegroundWindow: " + NativeCalls.meaning(Native.getLastError())));
    }

    @Override
    public synchronized boolean hasExited() {
        if (!exited && !closed) {
            exited = process.hasExited();
        }
        return exited;
    }

    @Override
    public synchronized List<SentSignal> requestExit() {
        if (closed) {
            return List.of(letGo(Signal.TERM));
        }
        return List.of(
                hasExited()
                        ? new SentSignal(Signal.TERM, pid(), SentSignal.Result.GONE, "")
                        : OwnWindows.of(pid()).requestExit(this::exitsWithin));
    }

    private boolean exitsWithin(Duration timeout) {
        Kernel32.INSTANCE.WaitForSingleObject(process.handle(), (int) timeout.toMillis());
        return hasExited();
    }

    @Override
    public synchronized SentSignal forceExit() {
        if (closed) {
            return letGo(Signal.KILL);
        }
        if (hasExited()) {
            return new SentSignal(Signal.KILL, pid(), SentSignal.Result.GONE, "");
        }
        if (Kernel32.INSTANCE.TerminateProcess(process.handle(), EXIT_CODE)) {
            return new SentSignal(Signal.KILL, pid(), SentSignal.Result.DELIVERED, "");
        }
        String refusal = NativeCalls.meaning(Native.getLastError());
        // For a process that has just exited, Windows reports that access is denied.
        return hasExited()
                ? new SentSignal(Signal.KILL, pid(), SentSignal.Result.GONE, "")
                : new SentSignal(Signal.KILL, pid(), SentSignal.Result.REFUSED, refusal);
    }

    @Override
    public List<SentSignal> resumeIfStopped() {
        return List.of();
    }

    @Override
    public Observation<Activity> activity() {
        return whileAlive(process::activity);
    }

    @Override
    public synchronized void onExit(Runnable action) {
        if (closed || exitWatch != null) {
            throw new IllegalStateException("the exit of process %d is awaited already, or never".formatted(pid()));
        }
        exitWatch = new ExitWatch(action);
        exitWatch.thread.start();
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
        process.close();
    }

    private synchronized <T> Observation<T> whileAlive(Supplier<Observation<T>> reading) {
        if (closed && !exited) {
            return Observation.unknown("process %d was let go".formatted(pid()));
        }
        if (hasExited()) {
            return Observation.absent("process %d has exited".formatted(pid()));
        }
        Observation<T> read = reading.get();
        return hasExited() ? Observation.absent("process %d has exited".formatted(pid())) : read;
    }

    private SentSignal letGo(Signal signal) {
        return new SentSignal(signal, pid(), SentSignal.Result.REFUSED, "the process was let go");
    }

    /** Waits for the exit on a thread of its own, in the kernel. */
    private final class ExitWatch {

        private final HANDLE end = Objects.requireNonNull(Kernel32.INSTANCE.CreateEvent(null, true, false, null));
        private final Thread thread;

        ExitWatch(Runnable action) {
            thread = new Thread(() -> await(action), "relaunch-guard-exit-" + pid());
            thread.setDaemon(true);
        }

        private void await(Runnable action) {
            HANDLE[] either = {end, process.handle()};
            int woken = Kernel32.INSTANCE.WaitForMultipleObjects(either.length, either, false, WinBase.INFINITE);
            if (woken == WinBase.WAIT_OBJECT_0 + 1) {
                action.run();
            }
        }

        /** Ends the wait, and only then closes the handles: another object might get their values. */
        void end() {
            Kernel32.INSTANCE.SetEvent(end);
            if (thread != Thread.currentThread()) {
                Uninterruptibly.join(thread);
            }
            Kernel32.INSTANCE.CloseHandle(end);
        }
    }
}
