package io.relaunchguard.it.embedding;

import com.sun.jna.NativeLong;
import com.sun.jna.platform.unix.X11;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.NativeLongByReference;
import com.sun.jna.ptr.PointerByReference;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.SecondStartHandler;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * A handler for an X11 desktop whose window manager prevents focus stealing: it passes on the right of the click that made the
 * second start, which that window manager compares with the person's last work in another window.
 */
public final class X11Foreground implements SecondStartHandler {

    /** How a start-up id ends, see the Startup Notification specification. A time of 0 is none, and would be a right without a click. */
    private static final Pattern TIME = Pattern.compile("_TIME([1-9]\\d{0,9})$");

    private static final X11 X = X11.INSTANCE;

    @Override
    public void secondStart(SecondStart start) {
        new WindowToFront()
                .secondStart(start); // out of the task bar, and what a window manager without such rules allows
        time(start).ifPresent(X11Foreground::activate);
    }

    private static Optional<Long> time(SecondStart start) {
        return start.desktop()
                .startupId()
                .map(TIME::matcher)
                .filter(Matcher::find)
                .map(matcher -> Long.parseLong(matcher.group(1)));
    }

    /** Has the windows of this process activated as of the time of the click, see the Extended Window Manager Hints. */
    private static void activate(long time) {
        X11.Display display = X.XOpenDisplay(null);
        if (display == null) {
            throw new IllegalStateException("the X server cannot be reached");
        }
        try {
            X11.Window root = X.XDefaultRootWindow(display);
            long self = ProcessHandle.current().pid();
            windows(display, root)
                    .filter(window -> pid(display, window) == self)
                    .forEach(window -> {
                        X11.XEvent event = new X11.XEvent();
                        event.setType(X11.XClientMessageEvent.class);
                        event.xclient.type = X11.ClientMessage;
                        event.xclient.message_type = X.XInternAtom(display, "_NET_ACTIVE_WINDOW", false);
                        event.xclient.window = new X11.Window(window);
                        event.xclient.format = 32;
                        event.xclient.data.setType(NativeLong[].class);
                        event.xclient.data.l[0] = new NativeLong(1); // an application asks
                        event.xclient.data.l[1] = new NativeLong(time);
                        X.XSendEvent(
                                display,
                                root,
                                0,
                                new NativeLong(X11.SubstructureRedirectMask | X11.SubstructureNotifyMask),
                                event);
                    });
        } finally {
            X.XCloseDisplay(display);
        }
    }

    private static LongStream windows(X11.Display display, X11.Window root) {
        return property(display, root, "_NET_CLIENT_LIST");
    }

    private static long pid(X11.Display display, long window) {
        return property(display, new X11.Window(window), "_NET_WM_PID")
                .findFirst()
                .orElse(0);
    }

    private static LongStream property(X11.Display display, X11.Window window, String name) {
        PointerByReference data = new PointerByReference();
        NativeLongByReference count = new NativeLongByReference();
        int status = X.XGetWindowProperty(
                display,
                window,
                X.XInternAtom(display, name, false),
                new NativeLong(0),
                new NativeLong(1024),
                false,
                new X11.Atom(X11.AnyPropertyType),
                new X11.AtomByReference(),
                new IntByReference(),
                count,
                new NativeLongByReference(),
                data);
        if (status != X11.Success || data.getValue() == null) {
            return LongStream.empty();
        }
        long[] values = data.getValue().getLongArray(0, count.getValue().intValue());
        X.XFree(data.getValue());
        return LongStream.of(values);
    }
}
