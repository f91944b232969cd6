package io.relaunchguard.it.harness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.OS;

/**
 * Ends by pid every process that the tests of this JVM started and that is left when this JVM ends, and deletes its folders,
 * even if it is killed: a shell in a session of its own waits for the end of a pipe. A process is known by its environment;
 * the shell looks more than once, as one that starts another program has no environment for a moment.
 */
public final class Reaper {

    private static final String VARIABLE = "RELAUNCH_GUARD_TESTS";

    private static final String SCRIPT = """
            folders=
            while IFS= read -r folder; do
              folders="$folders$folder
            "
            done
            for round in 1 2 3; do
              for process in /proc/[0-9]*; do
                if tr '\\0' '\\n' <"$process/environ" | grep -qxF "$0"; then
                  kill -KILL "${process#/proc/}"
                fi
              done
            done
            printf %s "$folders" | while IFS= read -r folder; do
              grep -F " $folder/" /proc/self/mounts | while read -r device directory rest; do
                fsfreeze --unfreeze "$directory"
                umount "$directory"
              done
              rm -rf "$folder"
            done
            """;

    private static final Reaper OF_THIS_JVM = new Reaper();

    private final String mark = ProcessHandle.current().pid() + "-" + System.nanoTime();
    private final OutputStream folders;

    private Reaper() {
        try {
            if (OS.WINDOWS
                    .isCurrentOs()) { // has neither; only a machine that is thrown away afterwards runs these tests
                folders = OutputStream.nullOutputStream();
                return;
            }
            folders = new ProcessBuilder("setsid", "/bin/sh", "-c", SCRIPT, VARIABLE + "=" + mark)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Has what this starts, and what that starts, ended with this JVM. */
    public static ProcessBuilder endsWithThisJvm(ProcessBuilder builder) {
        builder.environment().put(VARIABLE, OF_THIS_JVM.mark);
        return builder;
    }

    /** Has a folder deleted with the end of this JVM. */
    static synchronized void deletesWithThisJvm(Path folder) throws IOException {
        OF_THIS_JVM.folders.write((folder + "\n").getBytes(UTF_8));
        OF_THIS_JVM.folders.flush();
    }

    /** The processes that have this in their environment, as {@code NAME=value}. */
    static List<ProcessHandle> processesWith(String variable) {
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process).contains(variable))
                .toList();
    }

    private static List<String> environment(ProcessHandle process) {
        try {
            String environment = Files.readString(Path.of("/proc/" + process.pid() + "/environ"), ISO_8859_1);
            return Arrays.asList(environment.split("\0", -1));
        } catch (IOException gone) {
            return List.of();
        }
    }
}
