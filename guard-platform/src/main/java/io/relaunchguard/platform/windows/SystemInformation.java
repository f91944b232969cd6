package io.relaunchguard.platform.windows;

import com.sun.jna.Memory;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The results of NtQuerySystemInformation for the whole system at one moment. */
final class SystemInformation {

    private static final int FIRST_LENGTH = 256 * 1024;
    private static final int LONGEST = 256 * 1024 * 1024;
    private static final int TIME_OF_DAY_LENGTH = 48;

    private SystemInformation() {}

    static Observation<ProcessSnapshot> processes() {
        return list(NativeCalls.NtDll.SYSTEM_PROCESS_INFORMATION).map(ProcessSnapshot::parse);
    }

    static Observation<HandleList> handles() {
        return list(NativeCalls.NtDll.SYSTEM_EXTENDED_HANDLE_INFORMATION).map(HandleList::parse);
    }

    /** Reads SYSTEM_TIMEOFDAY_INFORMATION. */
    static Observation<ByteBuffer> timeOfDay() {
        Memory buffer = new Memory(TIME_OF_DAY_LENGTH);
        int status = NativeCalls.NtDll.INSTANCE.NtQuerySystemInformation(
                NativeCalls.NtDll.SYSTEM_TIME_OF_DAY_INFORMATION, buffer, TIME_OF_DAY_LENGTH, null);
        return status == 0
                ? Observation.seen(littleEndian(buffer))
                : Observation.unknown("Windows does not report when it was started (status %08x)".formatted(status));
    }

    private static Observation<ByteBuffer> list(int kind) {
        IntByReference needed = new IntByReference();
        for (long length = FIRST_LENGTH; length <= LONGEST; length = Math.max(2 * length, needed.getValue())) {
            Memory buffer = new Memory(length);
            int status = NativeCalls.NtDll.INSTANCE.NtQuerySystemInformation(kind, buffer, (int) length, needed);
            if (status == 0) {
                return Observation.seen(littleEndian(buffer));
            }
            if (status != NativeCalls.NtDll.STATUS_INFO_LENGTH_MISMATCH) {
                return Observation.unknown("Windows does not list them (status %08x)".formatted(status));
            }
        }
        return Observation.unknown("the system's list is too long");
    }

    /** Returns a view of the memory, which stays allocated as long as the view is reachable. */
    private static ByteBuffer littleEndian(Memory buffer) {
        return buffer.getByteBuffer(0, buffer.size()).order(ByteOrder.LITTLE_ENDIAN);
    }
}
