package io.relaunchguard.platform.windows;

import com.sun.jna.Memory;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.windows.NativeCalls.RestartManagerLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the process that uses a file through the Restart Manager, the Windows service for replacing files that are in
 * use.
 */
final class RestartManager {

    private static final int SESSION_KEY_CHARACTERS = 33;
    private static final int MOST_PROCESSES = 16;

    /**
     * The size of RM_PROCESS_INFO in bytes. It begins with RM_UNIQUE_PROCESS, a PID and a FILETIME that is not aligned
     * to eight bytes.
     */
    static final int SIZE = 668;

    static final int CREATED = 4;

    private RestartManager() {}

    /** Returns the process that uses a file. Absent if the Restart Manager knows of none. */
    static Observation<Holder> holderOf(Path file) {
        RestartManagerLibrary library = RestartManagerLibrary.INSTANCE;
        IntByReference session = new IntByReference();
        int error = library.RmStartSession(session, 0, new char[SESSION_KEY_CHARACTERS]);
        if (error != 0) {
            return failed(error);
        }
        try {
            WString[] files = {new WString(file.toAbsolutePath().toString())};
            error = library.RmRegisterResources(session.getValue(), files.length, files, 0, null, 0, null);
            if (error != 0) {
                return failed(error);
            }
            IntByReference needed = new IntByReference();
            IntByReference count = new IntByReference(MOST_PROCESSES);
            Memory processes = new Memory((long) MOST_PROCESSES * SIZE);
            error = library.RmGetList(session.getValue(), needed, count, processes, new IntByReference());
            return answer(
                    error,
                    processes.getByteBuffer(0, processes.size()).order(ByteOrder.LITTLE_ENDIAN),
                    count.getValue());
        } finally {
            library.RmEndSession(session.getValue());
        }
    }

    /** Interprets the result of RmGetList; after an error, the list means nothing. */
    static Observation<Holder> answer(int error, ByteBuffer processes, int count) {
        return error == 0 ? sole(parse(processes, count)) : failed(error);
    }

    static List<Holder> parse(ByteBuffer processes, int count) {
        List<Holder> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i * SIZE;
            found.add(new Holder(processes.getInt(at), processes.getLong(at + CREATED)));
        }
        return found;
    }

    private static Observation<Holder> sole(List<Holder> holders) {
        return switch (holders.size()) {
            case 0 -> Observation.absent("the Restart Manager knows of no process that uses it");
            case 1 -> Observation.seen(holders.get(0));
            default -> Observation.unknown("several processes use it: " + holders);
        };
    }

    private static Observation<Holder> failed(int error) {
        return Observation.unknown("the Restart Manager does not answer: " + NativeCalls.meaning(error));
    }
}
