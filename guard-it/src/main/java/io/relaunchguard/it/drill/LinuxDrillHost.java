package io.relaunchguard.it.drill;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The drill's host on Linux. It works with signals, prctl(2) and ptrace(2). */
final class LinuxDrillHost extends PosixDrillHost {

    private static final int SIGSTOP = 19;
    private static final int SIGKILL = 9;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int NOBODY = 65534;
    private static final long PTRACE_SEIZE = 0x4206;
    private static final long PTRACE_INTERRUPT = 0x4207;
    private static final Path RELEASE = Path.of("/etc/os-release");

    LinuxDrillHost() {
        super(SIGSTOP);
    }

    @Override
    public String system() {
        return "%s, kernel %s".formatted(distribution(), System.getProperty("os.version"));
    }

    private static String distribution() {
        try {
            return Files.readAllLines(RELEASE).stream()
                    .filter(line -> line.startsWith("PRETTY_NAME="))
                    .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                    .findFirst()
                    .orElse("Linux");
        } catch (IOException e) {
            return "Linux";
        }
    }

    @Override
    public boolean canHang() {
        return true;
    }

    /** Traces the process. A tracer is one thread: the traced thread runs again when that thread ends. */
    @Override
    public void hang(long pid) throws IOException {
        NativeLong thread = new NativeLong(pid);
        if (trace(PTRACE_SEIZE, thread) != 0 || trace(PTRACE_INTERRUPT, thread) != 0) {
            throw new IOException("ptrace(2) refused: error " + Native.getLastError());
        }
    }

    private static long trace(long request, NativeLong thread) {
        return LibC.INSTANCE
                .ptrace(new NativeLong(request), thread, Pointer.NULL, Pointer.NULL)
                .longValue();
    }

    @Override
    public void endWithParent() {
        LibC.INSTANCE.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }

    @Override
    public int nobody() {
        return NOBODY;
    }

    @Override
    public List<Path> browsers() {
        return List.of(
                Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int prctl(int option, long a, long b, long c, long d);

        NativeLong ptrace(NativeLong request, NativeLong thread, Pointer address, Pointer data);
    }
}
