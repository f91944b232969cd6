package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process whose main thread hangs while its others go on, as a browser's does when its user interface is wedged: a JVM of
 * its own traces that one thread, see ptrace(2), and keeps it from running until this is closed.
 */
public final class ThreadHang implements AutoCloseable {

    private static final NativeLong PTRACE_SEIZE = new NativeLong(0x4206);
    private static final NativeLong PTRACE_INTERRUPT = new NativeLong(0x4207);

    private final Process tracer;

    private ThreadHang(Process tracer) {
        this.tracer = tracer;
    }

    /** Hangs the main thread of a process. */
    public static ThreadHang of(Sandbox sandbox, long pid) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ThreadHang.class.getName(),
                Long.toString(pid));
        Process tracer = sandbox.start("tracer", command);
        Path mainThread = Path.of("/proc/" + pid + "/task/" + pid + "/stat");
        await().atMost(60, SECONDS).until(() -> {
            assertThat(tracer.isAlive()).as(sandbox.output("tracer.err")).isTrue();
            String stat = Files.readString(mainThread, StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) == 't';
        });
        return new ThreadHang(tracer);
    }

    /** Whether the tracer is still there. */
    public boolean isHolding() {
        return tracer.isAlive();
    }

    @Override
    public void close() throws IOException {
        tracer.getOutputStream().close();
        tracer.onExit().orTimeout(20, SECONDS).join();
    }

    /** The tracer: ends with its standard input. A tracer is one thread, and it must not be another one than that. */
    public static void main(String[] args) throws IOException {
        int thread = Integer.parseInt(args[0]);
        if (LibC.INSTANCE
                                .ptrace(PTRACE_SEIZE, thread, Pointer.NULL, Pointer.NULL)
                                .longValue()
                        != 0
                || LibC.INSTANCE
                                .ptrace(PTRACE_INTERRUPT, thread, Pointer.NULL, Pointer.NULL)
                                .longValue()
                        != 0) {
            throw new IOException("ptrace refused: errno " + Native.getLastError());
        }
        while (System.in.read() >= 0) {
            // Standard input ends with the test.
        }
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        NativeLong ptrace(NativeLong request, int thread, Pointer address, Pointer data);
    }
}
