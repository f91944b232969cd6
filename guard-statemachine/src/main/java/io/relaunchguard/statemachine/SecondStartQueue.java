package io.relaunchguard.statemachine;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Gives second starts to the application one at a time, away from the thread that listens: that one must be able to say that a
 * start has arrived while the application hangs. A thread is there only while there is something to do.
 */
final class SecondStartQueue implements SecondStartPort.Receiver, AutoCloseable {

    /** How many may wait; more are refused. */
    static final int MOST_WAITING = 8;

    private static final Log logger = LogFactory.getLog(SecondStartQueue.class);

    private final SecondStartHandler handler;
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), SecondStartQueue::thread);

    SecondStartQueue(SecondStartHandler handler) {
        this.handler = handler;
    }

    @Override
    public void received(SecondStart start, Consumer<Answer> reply) {
        try {
            executor.execute(() -> reply.accept(handle(start)));
        } catch (RejectedExecutionException e) {
            reply.accept(Answer.REFUSED);
        }
    }

    @Override
    public void failed(Exception cause) {
        logger.warn("Second starts of this application are not heard any more", cause);
    }

    @Override
    public void close() {
        var unused = executor.shutdownNow();
    }

    private Answer handle(SecondStart start) {
        try {
            handler.secondStart(start);
            return Answer.ACCEPTED;
        } catch (RuntimeException | LinkageError e) {
            logger.warn("A second start of this application was not dealt with", e);
            return Answer.REFUSED;
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-second-start-handler");
        thread.setDaemon(true);
        return thread;
    }
}
