package org.springframework.boot.devtools.restart;

import java.util.concurrent.Callable;

/** Stands in for the developer tools: what it does has one of their classes below it on the stack. */
public final class RestartStandIn {

    private RestartStandIn() {}

    /** Does what they do, such as to close the context, or to start the application. */
    public static <T> T call(Callable<T> action) throws Exception {
        return action.call();
    }
}
