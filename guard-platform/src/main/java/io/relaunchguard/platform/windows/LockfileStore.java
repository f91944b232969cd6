package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.platform.file.DirectoryWatch;
import io.relaunchguard.platform.file.PeriodicLook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The browser lock on Windows, Chromium's {@code lockfile}. It names no process: the lock is that a process has the
 * file open for writing and deletion on close, shared for reading only (Chromium's {@code process_singleton_win.cc}).
 * So the system is asked for that process, and its answer counts only if the PID still belongs to the process that was
 * created then. A file that no process has open is no lock.
 */
final class LockfileStore implements LockStore {

    /** The file name of the lock in CEF's root cache path. */
    static final String FILE_NAME = "lockfile";

    private final Path profile;
    private final Supplier<Observation<String>> hostName;
    private final List<Function<Path, Observation<Holder>>> proofs;
    private final GuardClock clock;

    /**
     * Creates the lock store of one profile, without accessing any file yet.
     *
     * @param proofs the ways to find the process that has a file open; the first one that names a process counts
     */
    LockfileStore(
            Path profile,
            Supplier<Observation<String>> hostName,
            List<Function<Path, Observation<Holder>>> proofs,
            GuardClock clock) {
        this.profile = profile;
        this.hostName = hostName;
        this.proofs = List.copyOf(proofs);
        this.clock = clock;
    }

    @Override
    public Observation<SingletonLock> read() {
        try {
            BasicFileAttributes attributes = attributes();
            if (!attributes.isRegularFile()) {
                return Observation.unknown("%s is not a regular file".formatted(lock()));
            }
        } catch (NoSuchFileException e) {
            return Observation.absent("there is no lock file");
        } catch (IOException e) {
            // This also happens while the file is deleted and another process still has it open.
            return Observation.unknown("%s cannot be looked at: %s".formatted(lock(), e.getMessage()));
        }
        String reason = "";
        for (Function<Path, Observation<Holder>> proof : proofs) {
            Observation<Holder> holder = proof.apply(lock());
            if (holder instanceof Observation.Seen<Holder> named) {
                return verified(named.value());
            }
            reason += (reason.isEmpty() ? "" : "; ") + holder.shortfall();
        }
        return unheld(reason);
    }

    @Override
    public Observation<Instant> since() {
        try {
            return Observation.seen(attributes().creationTime().toInstant());
        } catch (NoSuchFileException e) {
            return Observation.absent("there is no lock file");
        } catch (IOException e) {
            return Observation.unknown("%s cannot be looked at: %s".formatted(lock(), e.getMessage()));
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Deletes the file as its holder would have: at that moment no process can have it open, and a new lock cannot
     * be affected.
     */
    @Override
    public boolean remove(SingletonLock expected) {
        int error = takeAndClose(WinNT.FILE_FLAG_DELETE_ON_CLOSE);
        if (error == 0 || error == NativeCalls.ERROR_FILE_NOT_FOUND || error == NativeCalls.ERROR_SHARING_VIOLATION) {
            return error == 0;
        }
        throw new UncheckedIOException(
                "the stale lock in %s cannot be removed".formatted(profile), OpenFile.failure(lock(), error));
    }

    @Override
    public Path file() {
        return lock();
    }

    @Override
    public Watch watch(Runnable onChange) {
        return PeriodicLook.unless(() -> DirectoryWatch.of(profile, onChange), onChange, clock);
    }

    /**
     * Returns the lock after verifying its holder. As long as the process is open, an equal answer is about exactly
     * that process.
     */
    private Observation<SingletonLock> verified(Holder holder) {
        Observation<OpenProcess> opened = OpenProcess.open(holder.pid(), OpenProcess.LOOK);
        Observation<Holder> now = opened.map(process -> {
            try (process) {
                return new Holder(process.pid(), process.created());
            }
        });
        if (now instanceof Observation.Seen && !now.is(holder)) {
            return Observation.unknown(
                    "process %d had the lock and is gone; another process has its PID now".formatted(holder.pid()));
        }
        // A process that has exited since, or cannot be opened, is judged by the reader of the lock.
        return hostName.get().map(host -> new SingletonLock(host, holder.pid()));
    }

    /** Returns the result if no process could be named. Only taking the lock proves that no process has it. */
    private Observation<SingletonLock> unheld(String reason) {
        int error = takeAndClose(0);
        return switch (error) {
            case 0 -> Observation.absent("there is a lock file, but no process has it open");
            case NativeCalls.ERROR_FILE_NOT_FOUND -> Observation.absent("there is no lock file");
            case NativeCalls.ERROR_SHARING_VIOLATION ->
                Observation.unknown("a process has %s open, perhaps on another computer; its PID cannot be found: %s"
                        .formatted(lock(), reason));
            default -> Observation.unknown("%s cannot be opened: %s".formatted(lock(), NativeCalls.meaning(error)));
        };
    }

    /** Opens the file as Chromium does, if it exists, and closes it. Returns the error code, or zero. */
    private int takeAndClose(int flags) {
        HANDLE handle = Kernel32.INSTANCE.CreateFile(
                lock().toAbsolutePath().toString(),
                WinNT.GENERIC_WRITE | WinNT.DELETE,
                WinNT.FILE_SHARE_READ,
                null,
                WinNT.OPEN_EXISTING,
                WinNT.FILE_FLAG_OPEN_REPARSE_POINT | flags,
                null);
        if (WinBase.INVALID_HANDLE_VALUE.equals(handle)) {
            return Native.getLastError();
        }
        Kernel32.INSTANCE.CloseHandle(handle);
        return 0;
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(lock(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private Path lock() {
        return profile.resolve(FILE_NAME);
    }
}
