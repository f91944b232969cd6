package io.relaunchguard.platform.windows;

import io.relaunchguard.core.Observation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** All open handles of all processes, as the kernel lists them: SYSTEM_HANDLE_INFORMATION_EX on 64-bit Windows. */
record HandleList(List<Entry> handles) {

    private static final int FIRST = 16;
    private static final int SIZE = 40;
    private static final int PID = 8;
    private static final int VALUE = 16;
    private static final int ACCESS = 24;
    private static final int TYPE = 30;

    HandleList {
        handles = List.copyOf(handles);
    }

    /**
     * One handle.
     *
     * @param pid the PID of its owner
     * @param value the value of the handle in its owner
     * @param access the access rights of the handle
     * @param type the type of its object, in the numbering of the running kernel
     */
    record Entry(long pid, long value, int access, int type) {

        boolean allows(int rights) {
            return (access & rights) == rights;
        }
    }

    static HandleList parse(ByteBuffer list) {
        long count = list.getLong(0);
        List<Entry> found = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            int at = Math.toIntExact(FIRST + i * SIZE);
            found.add(new Entry(
                    list.getLong(at + PID),
                    list.getLong(at + VALUE),
                    list.getInt(at + ACCESS),
                    Short.toUnsignedInt(list.getShort(at + TYPE))));
        }
        return new HandleList(found);
    }

    /** Returns the kernel's number for the type of the object of this handle. */
    Observation<Integer> typeOf(long pid, long value) {
        return handles.stream()
                .filter(handle -> handle.pid() == pid && handle.value() == value)
                .findFirst()
                .map(handle -> Observation.seen(handle.type()))
                .orElseGet(() -> Observation.unknown("Windows' list of handles is incomplete"));
    }
}
