package io.relaunchguard.it.harness;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import io.relaunchguard.it.RelaunchGuardCommand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The reference launcher where the kernel refuses system calls, as an older kernel or a sandbox does. A filter of seccomp(2)
 * for all its threads refuses them; it is there before the launcher begins.
 */
public final class RefusedCalls {

    /** A system call, with its number on x86-64 and on arm64. */
    public enum Call {
        PIDFD_OPEN(434, 434),
        PIDFD_SEND_SIGNAL(424, 424),
        POLL(7, 73),
        EVENTFD2(290, 19),
        FLOCK(73, 32),
        STATFS(137, 43),
        INOTIFY_INIT1(294, 26),
        /** Only with F_SETLK and F_SETLKW, which lock. */
        FCNTL(72, 25);

        private final int onX86;
        private final int onArm;

        Call(int onX86, int onArm) {
            this.onX86 = onX86;
            this.onArm = onArm;
        }
    }

    /** What the kernel does instead. */
    public enum Answer {
        ENOSYS(0x0005_0000 | 38),
        EPERM(0x0005_0000 | 1),
        /** SECCOMP_RET_KILL_PROCESS. */
        KILL(0x8000_0000);

        private final int number;

        Answer(int number) {
            this.number = number;
        }
    }

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    /** The exit code of a JVM's parent for a process that SIGSYS has ended. */
    public static final int ENDED_BY_SIGSYS = 128 + 31;

    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    private static final int SECCOMP_RET_ALLOW = 0x7FFF_0000;

    /** From linux/bpf_common.h: a word of struct seccomp_data; a jump if it is equal, or has a bit; an answer. */
    private static final int LOAD = 0x20;

    private static final int IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;

    /** From linux/seccomp.h: where struct seccomp_data has the call's number, and the low half of its second argument. */
    private static final int NUMBER = 0;

    private static final int SECOND_ARGUMENT = 24;

    private static final int F_SETLK = 6;
    private static final int F_SETLKW = 7;

    private static final int SIZE_OF_INSTRUCTION = 8;

    private RefusedCalls() {}

    /** The start of a command that runs the reference launcher so. */
    static List<String> launcher(Set<Call> calls, Answer answer) {
        List<String> command = SharedClasses.get().launcher();
        int classPath = command.indexOf("-cp") + 1;
        String tests = Path.of("target", "test-classes").toAbsolutePath().toString();
        command.set(classPath, command.get(classPath) + ":" + tests);
        String names = calls.stream().map(Call::name).collect(Collectors.joining(","));
        command.addAll(List.of(RefusedCalls.class.getName(), names, answer.name()));
        return command;
    }

    /** Has the calls refused, and then is the reference launcher. */
    public static void main(String[] arguments) {
        Set<Call> calls =
                Arrays.stream(arguments[0].split(",", -1)).map(Call::valueOf).collect(Collectors.toSet());
        install(filter(calls, Answer.valueOf(arguments[1])));
        RelaunchGuardCommand.main(Arrays.copyOfRange(arguments, 2, arguments.length));
    }

    private static byte[] filter(Set<Call> calls, Answer answer) {
        ByteBuffer filter = ByteBuffer.allocate(32 * SIZE_OF_INSTRUCTION).order(ByteOrder.nativeOrder());
        add(filter, LOAD, 0, 0, NUMBER);
        for (Call call : calls) {
            int number = ARM ? call.onArm : call.onX86;
            if (call == Call.FCNTL) {
                add(filter, IF_EQUAL, 0, 5, number);
                add(filter, LOAD, 0, 0, SECOND_ARGUMENT);
                add(filter, IF_EQUAL, 1, 0, F_SETLK);
                add(filter, IF_EQUAL, 0, 1, F_SETLKW);
                add(filter, RETURN, 0, 0, answer.number);
                add(filter, RETURN, 0, 0, SECCOMP_RET_ALLOW);
            } else {
                add(filter, IF_EQUAL, 0, 1, number);
                add(filter, RETURN, 0, 0, answer.number);
            }
        }
        add(filter, RETURN, 0, 0, SECCOMP_RET_ALLOW);
        return Arrays.copyOf(filter.array(), filter.position());
    }

    /** Adds an instruction, with how many of the next ones a jump leaves out. */
    private static void add(ByteBuffer filter, int code, int ifTrue, int ifFalse, int value) {
        filter.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(value);
    }

    private static void install(byte[] filter) {
        try (Memory instructions = new Memory(filter.length);
                Memory program = new Memory(2L * Native.POINTER_SIZE)) {
            instructions.write(0, filter, 0, filter.length);
            program.setShort(0, (short) (filter.length / SIZE_OF_INSTRUCTION));
            program.setPointer(Native.POINTER_SIZE, instructions);
            require("prctl", LibC.INSTANCE.prctl(PR_SET_NO_NEW_PRIVS, word(1), word(0), word(0), word(0)));
            require(
                    "seccomp",
                    LibC.INSTANCE.syscall(
                            word(ARM ? 277 : 317),
                            word(SECCOMP_SET_MODE_FILTER),
                            word(SECCOMP_FILTER_FLAG_TSYNC),
                            program));
        }
    }

    private static NativeLong word(long value) {
        return new NativeLong(value);
    }

    private static void require(String what, Number result) {
        if (result.longValue() != 0) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "%s(2) failed: %d", what, Native.getLastError()));
        }
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int prctl(int option, NativeLong second, NativeLong third, NativeLong fourth, NativeLong fifth);

        NativeLong syscall(NativeLong number, Object... arguments);
    }
}
