package io.relaunchguard.core.successor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The environment of this process without the additions of its own launcher. A successor that inherited them would take
 * itself for the second stage of a launcher that has already run, or would look for its files below a mount that
 * disappears with this process. Whatever remains keeps its order and every character.
 */
public final class SuccessorEnvironment {

    /**
     * The variable that jpackage's launcher sets for its second stage. The successor's first stage must not take itself
     * for the second.
     */
    private static final String JPACKAGE = "_JPACKAGE_LAUNCHER";

    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";
    private static final String MOUNT = "APPDIR";
    private static final String IMAGE = "APPIMAGE";

    /** The variables that the AppImage runtime sets for what it runs. */
    private static final Set<String> OF_THE_IMAGE = Set.of(MOUNT, IMAGE, "ARGV0", "OWD");

    /** The colon-separated lists of paths to which the start script of an AppImage may add its mount. */
    private static final Set<String> LISTS = Set.of(
            LIBRARY_PATH,
            "GSETTINGS_SCHEMA_DIR",
            "GST_PLUGIN_PATH",
            "GST_PLUGIN_SYSTEM_PATH",
            "GST_PLUGIN_SYSTEM_PATH_1_0",
            "GTK_PATH",
            "LD_PRELOAD",
            "PATH",
            "PERLLIB",
            "PYTHONPATH",
            "QT_PLUGIN_PATH",
            "XDG_CONFIG_DIRS",
            "XDG_DATA_DIRS");

    /** The variables from which a JVM takes options. */
    private static final Set<String> OPTIONS = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    /** Matches one option; quoted parts may contain blanks. */
    private static final Pattern OPTION = Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*'|[\"'])+");

    /**
     * Matches the options of a debugger and others that claim a port: while this process lives, a JVM with the same
     * option ends at once.
     */
    private static final Pattern CLAIMED = Pattern.compile("[\"']?(?:-agentlib:jdwp\\b.*|-Xrunjdwp\\b.*"
            + "|-Dcom\\.sun\\.management\\.jmxremote(?:\\.rmi)?\\.port=.*"
            + "|-javaagent:[^=]*=(?:.*:)?\\d{2,5}(?::.*)?|-javaagent:[^=]*=(?:.*,)?port=\\d+\\b.*)");

    private SuccessorEnvironment() {}

    /**
     * Returns the environment for a successor.
     *
     * @param environment the entries, {@code NAME=VALUE} each, as in {@code environ(7)}
     * @param jpackageLauncher the launcher of this process if jpackage made it: {@code jpackage.app-path}, in the
     *     encoding of the environment
     */
    public static List<String> of(List<String> environment, Optional<String> jpackageLauncher) {
        return of(environment, jpackageLauncher, EnvironmentRules.NONE);
    }

    /** Returns the environment for a successor by the rules of an application. */
    public static List<String> of(List<String> environment, Optional<String> jpackageLauncher, EnvironmentRules rules) {
        Predicate<String> isGone = below(mount(environment));
        Optional<String> added = jpackageLauncher.flatMap(SuccessorEnvironment::libraries);
        boolean isImage = mount(environment).isPresent();
        List<String> kept = new ArrayList<>();
        for (String entry : environment) {
            int equals = entry.indexOf('=', 1);
            String name = equals < 0 ? entry : entry.substring(0, equals);
            String value = equals < 0 ? "" : entry.substring(equals + 1);
            if (equals < 0 || rules.kept().contains(name)) {
                kept.add(entry);
            } else if (!rules.dropped().contains(name)
                    && !name.equals(JPACKAGE)
                    && !(isImage && OF_THE_IMAGE.contains(name))) {
                value(name, value, added, isGone).ifPresent(now -> kept.add(name + "=" + now));
            }
        }
        return kept;
    }

    /**
     * Returns whether an option claims a port, so that a JVM with the same option cannot start while this process
     * lives.
     */
    static boolean isClaimed(String option) {
        return CLAIMED.matcher(option).matches();
    }

    /** Returns the options in an environment that claim a port, which {@link #of} removes. */
    static Set<String> claimed(Map<String, String> environment) {
        return OPTIONS.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .flatMap(options -> OPTION.matcher(options).results())
                .map(MatchResult::group)
                .filter(SuccessorEnvironment::isClaimed)
                .map(option -> option.replaceAll("[\"']", ""))
                .collect(Collectors.toSet());
    }

    /** Returns what remains of a value; empty if nothing does. */
    private static Optional<String> value(String name, String value, Optional<String> added, Predicate<String> isGone) {
        String left = value;
        if (name.equals(LIBRARY_PATH) && added.isPresent()) {
            left = withoutLast(left, added.get());
        }
        if (LISTS.contains(name)) {
            left = without(left, isGone);
        } else if (isGone.test(left)) {
            left = "";
        }
        if (OPTIONS.contains(name)) {
            left = withoutClaimed(left);
        }
        return left.isEmpty() && !value.isEmpty() ? Optional.empty() : Optional.of(left);
    }

    /** Removes the last entry. jpackage's launcher appends its libraries after a colon, even to an empty list. */
    private static String withoutLast(String list, String entry) {
        String end = ":" + entry;
        return list.endsWith(end) ? list.substring(0, list.length() - end.length()) : without(list, entry::equals);
    }

    private static String without(String list, Predicate<String> isGone) {
        List<String> entries = Arrays.asList(list.split(":", -1));
        return entries.stream().anyMatch(isGone)
                ? entries.stream().filter(isGone.negate()).collect(Collectors.joining(":"))
                : list;
    }

    private static String withoutClaimed(String options) {
        List<String> all =
                OPTION.matcher(options).results().map(MatchResult::group).toList();
        Predicate<String> isClaimed = CLAIMED.asMatchPredicate();
        return all.stream().anyMatch(isClaimed)
                ? all.stream().filter(isClaimed.negate()).collect(Collectors.joining(" "))
                : options;
    }

    /** Returns {@code <root>/lib/app} for {@code <root>/bin/<name>}. */
    private static Optional<String> libraries(String launcher) {
        int directory = launcher.lastIndexOf("/bin/");
        return directory < 0 ? Optional.empty() : Optional.of(launcher.substring(0, directory) + "/lib/app");
    }

    /** Returns the mount point of this process's AppImage, if it runs from one: then both variables are set. */
    private static Optional<String> mount(List<String> environment) {
        return environment.stream().anyMatch(entry -> entry.startsWith(IMAGE + "="))
                ? environment.stream()
                        .filter(entry -> entry.startsWith(MOUNT + "=/") && entry.length() > (MOUNT + "=/").length())
                        .map(entry -> entry.substring(MOUNT.length() + 1))
                        .findFirst()
                : Optional.empty();
    }

    private static Predicate<String> below(Optional<String> mount) {
        return path -> mount.isPresent() && (path.equals(mount.get()) || path.startsWith(mount.get() + "/"));
    }
}
