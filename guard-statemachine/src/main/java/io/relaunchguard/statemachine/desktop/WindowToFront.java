package io.relaunchguard.statemachine.desktop;

import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.SecondStartHandler;
import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.GraphicsEnvironment;
import java.awt.Toolkit;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;

/**
 * The handler that brings the application's windows to the front when the application is started a second time, out of
 * the task bar if need be. It waits for the event dispatch thread: while that hangs, the second start gets no answer.
 * Without a window it refuses the second start.
 */
public final class WindowToFront implements SecondStartHandler {

    private static final String X11 = "sun.awt.X11.XToolkit";

    @Override
    public void secondStart(SecondStart start) {
        if (GraphicsEnvironment.isHeadless()) {
            throw new IllegalStateException("the application has no window");
        }
        try {
            EventQueue.invokeAndWait(WindowToFront::bringToFront);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * Brings the windows to the front. Call it only on the event dispatch thread.
     *
     * @throws IllegalStateException if the application has no window
     */
    public static void bringToFront() {
        List<Frame> shown =
                Arrays.stream(Frame.getFrames()).filter(Frame::isVisible).toList();
        if (shown.isEmpty()) {
            throw new IllegalStateException("the application has no window");
        }
        for (Frame frame : shown) {
            frame.setExtendedState(frame.getExtendedState() & ~Frame.ICONIFIED);
            toFront(frame);
        }
    }

    /**
     * Brings the window to the front, on X11 without the keyboard: with it, Java would take the window for one that its
     * window manager leaves behind another.
     */
    private static void toFront(Frame frame) {
        boolean takesKeyboard = frame.isAutoRequestFocus();
        frame.setAutoRequestFocus(takesKeyboard
                && !Toolkit.getDefaultToolkit().getClass().getName().equals(X11));
        frame.toFront();
        frame.setAutoRequestFocus(takesKeyboard);
    }
}
