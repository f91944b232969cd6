package io.relaunchguard.it.drill;

import java.util.ArrayList;
import java.util.List;

/** The way to start this very program again, from the executable jar or from a class path. */
final class SelfCommand {

    private static final String MAIN_CLASS = "io.relaunchguard.it.RelaunchGuardCommand";

    private SelfCommand() {}

    static List<String> line(String command, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(ProcessHandle.current().info().command().orElse("java"));
        line.add("-XX:TieredStopAtLevel=1");
        String classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
            line.addAll(List.of("-jar", classPath));
        } else {
            line.addAll(List.of("-cp", classPath, MAIN_CLASS));
        }
        line.add(command);
        line.addAll(List.of(arguments));
        return line;
    }
}
