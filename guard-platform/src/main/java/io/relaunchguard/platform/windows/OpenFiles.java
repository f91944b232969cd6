package io.relaunchguard.platform.windows;

import com.sun.jna.Pointer;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.WinNT.HANDLEByReference;
import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Finds the processes that have a file open, from the handles themselves: each is duplicated into this process with the
 * right to examine it only, its file is compared, and the duplicate is closed. The owner does not notice.
 */
final class OpenFiles {

    /**
     * The rights of the handle with which Chromium keeps its lock: to write, and to delete on close. No handle of a
     * pipe has both.
     */
    private static final int WRITES_AND_DELETES = WinNT.FILE_WRITE_DATA | WinNT.DELETE;

    private static final int FILE_TYPE_DISK = 1;

    private OpenFiles() {}

    /**
     * Returns the process that has a file open as Chromium does for its lock. Absent if no process does whose handles
     * can be examined.
     */
    static Observation<Holder> holderOf(Path file) {
        try (OpenFile known = OpenFile.openNoFollow(file)) {
            String identity = known.identity();
            return fileHandles(known)
                    .flatMap(handles -> sole(handles.stream()
                            .filter(handle -> handle.allows(WRITES_AND_DELETES))
                            .flatMap(handle -> owner(handle, duplicate -> isFile(identity, file, duplicate)).stream())
                            .distinct()
                            .toList()));
        } catch (IOException e) {
            return Observation.unknown("%s cannot be identified: %s".formatted(file, e.getMessage()));
        }
    }

    /**
     * Returns whether a process has a file open below a directory.
     *
     * @param patience the timeout: Windows may answer a query about a pipe only when another process has finished
     *     reading from it
     */
    static Observation<Boolean> hasOpenFilesBelow(long pid, Path directory, Duration patience) {
        FutureTask<Observation<Boolean>> answer = new FutureTask<>(() -> lookForFilesBelow(pid, directory));
        Thread thread = new Thread(answer, "relaunch-guard-files-of-" + pid);
        thread.setDaemon(true);
        thread.start();
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return Observation.unknown("the open files of process %d cannot be listed: %s".formatted(pid, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Observation.unknown("interrupted");
        }
    }

    private static Observation<Boolean> lookForFilesBelow(long pid, Path directory) throws IOException {
        try (OpenFile known = OpenFile.open(directory)) {
            String below = known.finalPath() + "\\";
            return fileHandles(known)
                    .map(handles -> handles.stream()
                            .filter(handle -> handle.pid() == pid)
                            .anyMatch(handle -> owner(handle, duplicate -> isBelow(below, duplicate))
                                    .isPresent()));
        }
    }

    /** Returns all handles of files, directories and pipes: those whose object has the same type as the known one. */
    private static Observation<List<HandleList.Entry>> fileHandles(OpenFile known) {
        long value = Pointer.nativeValue(known.handle().getPointer());
        return SystemInformation.handles()
                .flatMap(list -> list.typeOf(ProcessHandle.current().pid(), value)
                        .map(type -> list.handles().stream()
                                .filter(handle -> handle.type() == type)
                                .toList()));
    }

    private static Observation<Holder> sole(List<Holder> holders) {
        return switch (holders.size()) {
            case 0 -> Observation.absent("no process whose handles can be examined has it open");
            case 1 -> Observation.seen(holders.get(0));
            default -> Observation.unknown("several processes have it open: " + holders);
        };
    }

    /** Returns the owner of a handle, if the handle still exists and its object is the wanted one. */
    private static Optional<Holder> owner(HandleList.Entry handle, Predicate<HANDLE> isWanted) {
        OpenProcess process = OpenProcess.open(handle.pid(), OpenProcess.DUPLICATE)
                .toOptional()
                .orElse(null);
        if (process == null) {
            return Optional.empty();
        }
        try (process) {
            HANDLEByReference duplicate = new HANDLEByReference();
            if (!Kernel32.INSTANCE.DuplicateHandle(
                    process.handle(),
                    new HANDLE(new Pointer(handle.value())),
                    Kernel32.INSTANCE.GetCurrentProcess(),
                    duplicate,
                    WinNT.FILE_READ_ATTRIBUTES,
                    false,
                    0)) {
                return Optional.empty();
            }
            try {
                return isWanted.test(duplicate.getValue())
                        ? Optional.of(new Holder(process.pid(), process.created()))
                        : Optional.empty();
            } finally {
                Kernel32.INSTANCE.CloseHandle(duplicate.getValue());
            }
        }
    }

    private static boolean isFile(String identity, Path path, HANDLE file) {
        try {
            return isOnDisk(file) && OpenFile.identityOf(path, file).equals(identity);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isBelow(String directory, HANDLE file) {
        return isOnDisk(file) && OpenFile.finalPathOf(file).startsWith(directory);
    }

    private static boolean isOnDisk(HANDLE file) {
        return NativeCalls.MoreKernel32.INSTANCE.GetFileType(file) == FILE_TYPE_DISK;
    }
}
