package io.relaunchguard.statemachine.start;

/** The choice whether the application's context may start while the launch is still under way. */
public enum StartMode {

    /**
     * The launch runs beside the start of the context if it will probably end READY: without a browser lock, or with a
     * consent marker. The context waits for it before it creates the first bean.
     */
    CONCURRENT,

    /** The context does not begin to start before the launch has ended. */
    BLOCKING
}
