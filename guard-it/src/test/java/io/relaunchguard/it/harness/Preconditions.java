package io.relaunchguard.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** What a test needs of its host. Where it is missing a user's machine skips, and CI fails. */
public final class Preconditions {

    private static final boolean CI = Boolean.parseBoolean(System.getenv("CI"));

    private Preconditions() {}

    public static void needs(boolean met, String what) {
        if (CI && !met) {
            throw new AssertionError("CI must provide " + what);
        }
        Assumptions.assumeTrue(met, "this needs " + what);
    }

    public static void needsChromium() {
        needs(Files.isExecutable(Chromium.PROGRAM), "Chromium at " + Chromium.PROGRAM);
    }

    public static void needsRootAnd(String tool) {
        needs("root".equals(System.getProperty("user.name")), "root");
        needsProgram(tool);
    }

    public static void needsProgram(String tool) {
        needs(Files.isExecutable(Path.of("/usr/bin/" + tool)), tool);
    }
}
