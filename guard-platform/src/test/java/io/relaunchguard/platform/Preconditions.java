package io.relaunchguard.platform;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What some tests need of the host. A test without it is skipped, but never in CI: there it fails. */
public final class Preconditions {

    private Preconditions() {}

    /** Root, to act as another user. */
    public static void requireRoot() throws IOException {
        require((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "root");
    }

    /** Root, and a command that must work here. */
    public static void requireRootAnd(String... command) throws IOException, InterruptedException {
        requireRoot();
        require(works(command), String.join(" ", command));
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    private static void require(boolean condition, String what) {
        if (condition) {
            return;
        }
        if ("true".equals(System.getenv("CI"))) {
            fail("this test needs %s, and CI must provide it", what);
        }
        abort("this test needs " + what);
    }
}
