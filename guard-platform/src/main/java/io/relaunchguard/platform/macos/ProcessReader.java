package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.platform.macos.XnuStructure.ProcBsdInfo;
import io.relaunchguard.platform.macos.XnuStructure.ProcBsdShortInfo;
import io.relaunchguard.platform.macos.XnuStructure.ProcFdInfo;
import io.relaunchguard.platform.macos.XnuStructure.ProcUniqueIdentifierInfo;
import io.relaunchguard.platform.macos.XnuStructure.RusageInfoV2;
import io.relaunchguard.platform.macos.XnuStructure.VnodeFdInfoWithPath;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

/** The interpretation of what the kernel reports of processes. */
final class ProcessReader {

    private static final int STOPPED = 4;
    private static final int ZOMBIE = 5;
    private static final int TRACED_FLAG = 2;

    private static final long MICROSECONDS_PER_SECOND = 1_000_000L;
    private static final int FIRST_FILES = 256;

    private final Xnu kernel;

    ProcessReader(Xnu kernel) {
        this.kernel = kernel;
    }

    /**
     * A process as its own user sees it.
     *
     * @param start the start token: microseconds since 1970 by the clock at the start of the process
     */
    record Details(long pid, long parent, ExecutionState state, String user, String start) {}

    /**
     * A process as all users see it.
     *
     * @param user see {@link #user}
     */
    record Outline(long pid, long parent, String user) {}

    /**
     * The identity of a process.
     *
     * @param uniqueId never reused until the next boot
     * @param version the version of its PID, which changes when the process runs another program
     */
    record Version(long uniqueId, int version) {}

    /** Reads the process with this PID, including zombies; unknown if it belongs to another user. */
    Observation<Details> details(long pid) {
        Observation<byte[]> living = info(pid, ProcBsdInfo.FLAVOR, false, ProcBsdInfo.SIZE);
        // A process that is found only among the zombies has exited, whatever its status still says.
        return living instanceof Observation.Absent
                ? info(pid, ProcBsdInfo.FLAVOR, true, ProcBsdInfo.SIZE).map(found -> details(found, true))
                : living.map(found -> details(found, false));
    }

    static Details details(byte[] content, boolean exited) {
        ProcBsdInfo info = XnuStructure.of(new ProcBsdInfo(), content);
        return new Details(
                Integer.toUnsignedLong(info.pbi_pid),
                Integer.toUnsignedLong(info.pbi_ppid),
                exited ? ExecutionState.EXITED : state(info.pbi_status, info.pbi_flags),
                user(info.pbi_ruid, info.pbi_uid, info.pbi_svuid),
                Long.toString(Math.addExact(
                        Math.multiplyExact(info.pbi_start_tvsec, MICROSECONDS_PER_SECOND), info.pbi_start_tvusec)));
    }

    /** Reads the process with this PID, including zombies, whatever user it belongs to. */
    Observation<Outline> outline(long pid) {
        return info(pid, ProcBsdShortInfo.FLAVOR, true, ProcBsdShortInfo.SIZE).map(ProcessReader::outline);
    }

    static Outline outline(byte[] content) {
        ProcBsdShortInfo info = XnuStructure.of(new ProcBsdShortInfo(), content);
        return new Outline(
                Integer.toUnsignedLong(info.pbsi_pid),
                Integer.toUnsignedLong(info.pbsi_ppid),
                user(info.pbsi_ruid, info.pbsi_uid, info.pbsi_svuid));
    }

    /** Reads the identity of the process with this PID; absent if it is a zombie. */
    Observation<Version> version(long pid) {
        return info(pid, ProcUniqueIdentifierInfo.FLAVOR, false, ProcUniqueIdentifierInfo.SIZE)
                .map(ProcessReader::version);
    }

    static Version version(byte[] content) {
        ProcUniqueIdentifierInfo info = XnuStructure.of(new ProcUniqueIdentifierInfo(), content);
        return new Version(info.p_uniqueid, info.p_idversion);
    }

    /** Reads how much the process has done. */
    Observation<Activity> activity(long pid) {
        return ask(pid, "the usage", () -> kernel.usage((int) pid, RusageInfoV2.FLAVOR, RusageInfoV2.SIZE))
                .map(content -> activity(content, kernel.timebase()));
    }

    static Activity activity(byte[] content, Xnu.Timebase timebase) {
        RusageInfoV2 used = XnuStructure.of(new RusageInfoV2(), content);
        return new Activity(
                Duration.ofNanos(timebase.nanoseconds(used.ri_user_time + used.ri_system_time)),
                used.ri_diskio_byteswritten,
                used.ri_diskio_byteswritten);
    }

    /** Reads the path of the program, for display only. */
    Observation<String> executable(long pid) {
        return ask(pid, "the program", () -> kernel.executable((int) pid));
    }

    /** Reads the session of the process. */
    Observation<Integer> session(long pid) {
        return ask(pid, "the session", () -> kernel.session((int) pid));
    }

    /** Returns whether the process has a file open below the directory. */
    Observation<Boolean> hasOpenFilesBelow(long pid, FoldedPath directory) {
        return files(pid).map(list -> {
            for (int at = 0; at + ProcFdInfo.SIZE <= list.length; at += ProcFdInfo.SIZE) {
                ProcFdInfo file = XnuStructure.of(new ProcFdInfo(), Arrays.copyOfRange(list, at, at + ProcFdInfo.SIZE));
                if (file.proc_fdtype == ProcFdInfo.VNODE
                        && path(pid, file.proc_fd).map(directory::isAbove).is(true)) {
                    return true;
                }
            }
            return false;
        });
    }

    /**
     * Reads the list of open files into a buffer with spare room, because a list that fills its buffer may be
     * truncated.
     */
    private Observation<byte[]> files(long pid) {
        int room = FIRST_FILES;
        while (true) {
            int size = room * ProcFdInfo.SIZE;
            Observation<byte[]> list = info(pid, ProcFdInfo.FLAVOR, false, size);
            if (list.toOptional().filter(content -> content.length == size).isEmpty()) {
                return list;
            }
            room *= 2;
        }
    }

    private Observation<String> path(long pid, int descriptor) {
        return ask(
                        pid,
                        "an open file",
                        () -> kernel.fileInfo(
                                (int) pid, descriptor, VnodeFdInfoWithPath.FLAVOR, VnodeFdInfoWithPath.SIZE))
                .map(ProcessReader::path);
    }

    static String path(byte[] content) {
        byte[] path = XnuStructure.of(new VnodeFdInfoWithPath(), content).vip_path;
        int length = 0;
        while (length < path.length && path[length] != 0) {
            length++;
        }
        return new String(path, 0, length, StandardCharsets.UTF_8);
    }

    private Observation<byte[]> info(long pid, int flavor, boolean zombies, int size) {
        return ask(pid, "process " + pid, () -> kernel.processInfo((int) pid, flavor, zombies ? 1 : 0, size));
    }

    private <T> Observation<T> ask(long pid, String what, Supplier<T> call) {
        try {
            return Observation.seen(call.get());
        } catch (LastErrorException e) {
            return e.getErrorCode() == Xnu.ESRCH
                    ? Observation.absent("there is no process %d".formatted(pid))
                    : Observation.unknown("%s (process %d) cannot be read: %s"
                            .formatted(what, pid, kernel.meaning(e.getErrorCode())));
        }
    }

    private static ExecutionState state(int status, int flags) {
        return switch (status) {
            case STOPPED -> (flags & TRACED_FLAG) == 0 ? ExecutionState.STOPPED : ExecutionState.TRACED;
            case ZOMBIE -> ExecutionState.EXITED;
            default -> ExecutionState.RUNNING;
        };
    }

    /** Returns the real, effective and saved user IDs: one number if they are equal, else all, separated by slashes. */
    private static String user(int real, int effective, int saved) {
        return real == effective && effective == saved
                ? Integer.toUnsignedString(real)
                : "%s/%s/%s"
                        .formatted(
                                Integer.toUnsignedString(real),
                                Integer.toUnsignedString(effective),
                                Integer.toUnsignedString(saved));
    }
}
