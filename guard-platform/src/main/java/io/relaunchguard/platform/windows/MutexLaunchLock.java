package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The launch lock as a named mutex for each user and profile directory, in the namespace of all sessions, because a
 * profile is the same in each of them. A mutex belongs to a thread, and is granted again to a thread that already has
 * it, so each request has a thread of its own, which waits, keeps and releases the mutex. If its owner dies without
 * releasing it, Windows grants it to the next one as abandoned. That is just as good, because a launcher that gets the
 * lock reads everything anew.
 */
final class MutexLaunchLock implements LaunchLock {

    private static final int MUTEX_MODIFY_STATE = 1;

    private final Path profile;
    private final Supplier<Observation<String>> account;

    /** Creates the launch lock of one profile, without accessing anything yet. */
    MutexLaunchLock(Path profile, Supplier<Observation<String>> account) {
        this.profile = profile;
        this.account = account;
    }

    @Override
    public Watch request(Consumer<Observation<Hold>> reply) {
        Observation<HANDLE> mutex;
        try {
            if (!Files.isDirectory(profile)) {
                Files.createDirectories(profile);
            }
            mutex = name().flatMap(MutexLaunchLock::create);
        } catch (IOException e) {
            mutex = Observation.unknown(problem(e.toString()));
        }
        if (!(mutex instanceof Observation.Seen<HANDLE> created)) {
            reply.accept(Observation.unknown(mutex.shortfall()));
            return () -> {};
        }
        Owner owner = new Owner(created.value(), reply);
        owner.thread.start();
        return owner;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Always empty: a mutex is no file.
     */
    @Override
    public Optional<Path> obstacle() {
        return Optional.empty();
    }

    @Override
    public Observation<String> probe() {
        try {
            return name().flatMap(MutexLaunchLock::probe);
        } catch (NoSuchFileException e) {
            return Observation.seen("no launcher has run on this profile yet");
        } catch (IOException e) {
            return Observation.unknown(problem(e.toString()));
        }
    }

    private Observation<String> name() throws IOException {
        try (OpenFile directory = OpenFile.open(profile)) {
            String identity = directory.identity();
            return account.get().map(sid -> name(sid, identity));
        }
    }

    /** Returns a name that is unique to the user and the profile. */
    static String name(String account, String profile) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(profile.getBytes(StandardCharsets.UTF_8));
            return "Global\\RelaunchGuard-%s-%s"
                    .formatted(account, HexFormat.of().formatHex(digest, 0, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Observation<HANDLE> create(String name) {
        HANDLE mutex = Kernel32.INSTANCE.CreateMutex(null, false, name);
        return mutex == null ? Observation.unknown(problem(lastError())) : Observation.seen(mutex);
    }

    private static Observation<String> probe(String name) {
        HANDLE mutex = Kernel32.INSTANCE.OpenMutex(WinNT.SYNCHRONIZE | MUTEX_MODIFY_STATE, false, name);
        if (mutex == null) {
            return Native.getLastError() == NativeCalls.ERROR_FILE_NOT_FOUND
                    ? Observation.seen("no launcher is at work")
                    : Observation.unknown(problem(lastError()));
        }
        try {
            return switch (Kernel32.INSTANCE.WaitForSingleObject(mutex, 0)) {
                case WinBase.WAIT_OBJECT_0, WinBase.WAIT_ABANDONED -> {
                    Kernel32.INSTANCE.ReleaseMutex(mutex);
                    yield Observation.seen("no other launcher is at work");
                }
                case WinNT.WAIT_TIMEOUT -> Observation.absent("another launcher is at work on the profile");
                default -> Observation.unknown(problem(lastError()));
            };
        } finally {
            Kernel32.INSTANCE.CloseHandle(mutex);
        }
    }

    private static String problem(String what) {
        return "the launch lock cannot be used: " + what;
    }

    private static String lastError() {
        return NativeCalls.meaning(Native.getLastError());
    }

    /** The thread that owns a mutex, from the request to the release. */
    private static final class Owner implements Watch {

        private final HANDLE mutex;
        private final HANDLE end = Objects.requireNonNull(Kernel32.INSTANCE.CreateEvent(null, true, false, null));
        private final Consumer<Observation<Hold>> reply;
        private final Thread thread;
        private boolean cancelled;
        private boolean replied;
        private boolean ended;

        Owner(HANDLE mutex, Consumer<Observation<Hold>> reply) {
            this.mutex = mutex;
            this.reply = reply;
            this.thread = new Thread(this::own, "relaunch-guard-launch-lock");
            this.thread.setDaemon(true);
        }

        private void own() {
            // The end first: if both are signalled, the first counts.
            HANDLE[] either = {end, mutex};
            int woken = Kernel32.INSTANCE.WaitForMultipleObjects(either.length, either, false, WinBase.INFINITE);
            switch (woken) {
                case WinBase.WAIT_OBJECT_0 -> {}
                case WinBase.WAIT_OBJECT_0 + 1, WinBase.WAIT_ABANDONED + 1 -> {
                    if (tell(Observation.seen(this::end))) {
                        Kernel32.INSTANCE.WaitForSingleObject(end, WinBase.INFINITE);
                    }
                    Kernel32.INSTANCE.ReleaseMutex(mutex);
                }
                default -> tell(Observation.unknown(problem(lastError())));
            }
            synchronized (this) {
                ended = true;
                Kernel32.INSTANCE.CloseHandle(mutex);
                Kernel32.INSTANCE.CloseHandle(end);
            }
        }

        private synchronized boolean tell(Observation<Hold> answer) {
            if (cancelled) {
                return false;
            }
            replied = true;
            reply.accept(answer);
            return true;
        }

        /** Ends the wait. Has no effect once the lock was handed over: then its owner closes it. */
        @Override
        public void close() {
            synchronized (this) {
                if (replied) {
                    return;
                }
                cancelled = true;
            }
            end();
        }

        private void end() {
            synchronized (this) {
                if (!ended) {
                    Kernel32.INSTANCE.SetEvent(end);
                }
            }
            if (Thread.currentThread() != thread) {
                Uninterruptibly.join(thread);
            }
        }
    }
}
