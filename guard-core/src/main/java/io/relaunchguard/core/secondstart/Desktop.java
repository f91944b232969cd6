package io.relaunchguard.core.secondstart;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The desktop that a process was started on, and its permission to come to the front there.
 *
 * @param display the X server: {@code DISPLAY} without the screen
 * @param waylandDisplay the Wayland compositor: {@code WAYLAND_DISPLAY}
 * @param session the login session, for display only: {@code XDG_SESSION_ID}
 * @param startupId the ID by which an X window manager recognizes the user's click: {@code DESKTOP_STARTUP_ID} of the
 *     Startup Notification specification
 * @param activationToken the same on Wayland: {@code XDG_ACTIVATION_TOKEN} of the protocol xdg-activation
 */
public record Desktop(
        Optional<String> display,
        Optional<String> waylandDisplay,
        Optional<String> session,
        Optional<String> startupId,
        Optional<String> activationToken) {

    /** No desktop: a server, a terminal without one, or a start that does not tell. */
    public static final Desktop NONE =
            new Desktop(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Returns the desktop of a process with these environment variables. */
    public static Desktop of(Map<String, String> environment) {
        return new Desktop(
                variable(environment, "DISPLAY").map(Desktop::withoutScreen),
                variable(environment, "WAYLAND_DISPLAY"),
                variable(environment, "XDG_SESSION_ID"),
                variable(environment, "DESKTOP_STARTUP_ID"),
                variable(environment, "XDG_ACTIVATION_TOKEN"));
    }

    /**
     * Returns whether a user on {@code other} would not see what appears here. True only if both desktops are known and
     * have neither an X server nor a compositor in common.
     */
    public boolean isHiddenFrom(Desktop other) {
        return hasDisplay()
                && other.hasDisplay()
                && !isShared(display, other.display)
                && !isShared(waylandDisplay, other.waylandDisplay);
    }

    private boolean hasDisplay() {
        return display.isPresent() || waylandDisplay.isPresent();
    }

    private static boolean isShared(Optional<String> one, Optional<String> other) {
        return one.isPresent() && one.equals(other);
    }

    /** Returns a description of the desktop for users. */
    public String where() {
        String displays =
                Stream.of(display, waylandDisplay).flatMap(Optional::stream).collect(Collectors.joining(", "));
        return (displays.isEmpty() ? "no display" : "display " + displays)
                + session.map(id -> " (session " + id + ")").orElse("");
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /**
     * Removes the screen and normalizes the name: {@code :0.1} is another screen of {@code :0}, and {@code unix:0} is
     * another name of it, see X(7).
     */
    private static String withoutScreen(String display) {
        int number = display.lastIndexOf(':');
        int screen = display.indexOf('.', Math.max(number, 0));
        String server = number < 0 || screen < 0 ? display : display.substring(0, screen);
        return server.startsWith("unix:") ? server.substring("unix".length()) : server;
    }
}
