package io.relaunchguard.it.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process with many children, which all end when this, or this JVM, does: each waits for the end of one pipe. */
final class Crowd implements AutoCloseable {

    private static final String SCRIPT = """
            exec 3<&0
            i=0
            while [ $i -lt "$1" ]; do
              cat <&3 >/dev/null 4<"$0" &
              i=$((i + 1))
            done
            shift
            if [ $# -gt 0 ]; then
              tail -q -f --pid=$PPID "$@" <&3 >/dev/null &
            fi
            echo ready
            exec cat <&3 >/dev/null
            """;

    private final Process first;

    private Crowd(Process first) {
        this.first = first;
    }

    /**
     * Starts it.
     *
     * @param open a file that each of the children has open
     * @param more files that one more child has open all together; if there are none, so is no such child
     */
    static Crowd start(int children, Path open, List<String> more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, open.toString(), Integer.toString(children)));
        command.addAll(more);
        Process first = new ProcessBuilder(command).start();
        if (!"ready".equals(first.inputReader().readLine())) {
            first.getOutputStream().close();
            first.destroyForcibly();
            throw new IOException("%d processes cannot be started here".formatted(children));
        }
        return new Crowd(first);
    }

    long pid() {
        return first.pid();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        List<ProcessHandle> children = first.children().toList();
        first.getOutputStream().close();
        first.waitFor();
        for (ProcessHandle child : children) {
            child.destroyForcibly();
        }
    }
}
