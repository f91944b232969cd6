package io.relaunchguard.it.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One to measure on. */
record Jdk(Path home, int version) {

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    /** The one in this directory. */
    static Jdk at(Path home) throws IOException {
        Matcher version = VERSION.matcher(Files.readString(home.resolve("release")));
        if (!version.find()) {
            throw new IOException(home + " is no JDK: its file \"release\" names no version");
        }
        return new Jdk(home, Integer.parseInt(version.group(1)));
    }

    /** The one that this JVM is of. */
    static Jdk current() {
        return new Jdk(
                Path.of(System.getProperty("java.home")), Runtime.version().feature());
    }

    String java() {
        return home.resolve("bin/java").toString();
    }

    /** What its java command has to be told so that it does not warn of native code. */
    List<String> nativeAccess() {
        return version >= 24 ? List.of("--enable-native-access=ALL-UNNAMED") : List.of();
    }
}
