package io.relaunchguard.statemachine.start;

/** Whether the application's context may start while the launch is still under way. */
public enum StartMode {

    /**
     * The launch runs beside the start of the context where it will probably end READY: without a browser lock, or with a
     * consent marker. It is waited for before the first bean is created.
     */
    CONCURRENT,

    /** The context does not begin to start before the launch has ended. */
    BLOCKING
}
