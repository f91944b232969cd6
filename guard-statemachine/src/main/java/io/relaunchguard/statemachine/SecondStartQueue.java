package io.relaunchguard.statemachine;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Desktop;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives second starts to the application one at a time, away from the thread that listens: that one must be able to say that a
 * start has arrived while the application hangs. Those that come before it has started wait for it; those that come once it is
 * closing are told so. A thread is there only while there is something to do. Thread-safe.
 */
final class SecondStartQueue implements SecondStartPort.Receiver, AutoCloseable {

    /** How many may wait; more are refused. */
    static final int MOST_WAITING = 8;

    private static final Log logger = LogFactory.getLog(SecondStartQueue.class);

    private final Desktop desktop;
    private final Deque<Waiting> early = new ArrayDeque<>();
    private final ThreadPoolExecutor executor;
    private @Nullable SecondStartHandler handler;
    private boolean closing;

    private record Waiting(SecondStart start, SecondStartPort.Asker asker) {}

    /**
     * A queue of an application that is starting.
     *
     * @param desktop where its windows are; {@link Desktop#NONE} if it has none
     */
    SecondStartQueue(Desktop desktop) {
        this(desktop, SecondStartQueue::thread);
    }

    SecondStartQueue(Desktop desktop, ThreadFactory threads) {
        this.desktop = desktop;
        this.executor =
                new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), threads);
    }

    /** The application has started, and deals with them this way. The first call of a start counts. */
    synchronized void deliverTo(SecondStartHandler started) {
        if (handler == null && !closing) {
            handler = started;
            early.forEach(this::enqueue);
            early.clear();
        }
    }

    /** The application starts again: whoever comes, or has not had its turn, waits for it. */
    synchronized void startAgain() {
        handler = null;
    }

    /** The application is closing: whoever comes, or has not had its turn, is told so. */
    synchronized void closing() {
        closing = true;
        early.forEach(SecondStartQueue::tellOfClosing);
        early.clear();
    }

    @Override
    public synchronized void received(SecondStart start, SecondStartPort.Asker asker) {
        Waiting waiting = new Waiting(start, asker);
        if (closing) {
            tellOfClosing(waiting);
        } else if (handler != null) {
            enqueue(waiting);
        } else {
            early.removeIf(other -> !other.asker().isWaiting());
            if (early.size() < MOST_WAITING) {
                early.add(waiting);
                asker.answer(Reply.of(Answer.STARTING));
            } else {
                refuseAsTooMany(asker);
            }
        }
    }

    @Override
    public void troubled(Exception cause) {
        logger.warn("Second starts of this application are not heard for now", cause);
    }

    @Override
    public void failed(Throwable cause) {
        logger.warn("Second starts of this application are not heard any more", cause);
    }

    @Override
    public void close() {
        closing();
        var unused = executor.shutdownNow();
    }

    private void enqueue(Waiting waiting) {
        try {
            executor.execute(() -> serve(waiting));
        } catch (RejectedExecutionException e) {
            refuseAsTooMany(waiting.asker());
        } catch (OutOfMemoryError e) {
            // No thread can be started for now. Whoever is in the queue then is passed over: it waits no longer.
            waiting.asker().answer(Reply.of(Answer.REFUSED, "the running instance cannot hear it: " + e.getMessage()));
        }
    }

    private void serve(Waiting waiting) {
        SecondStartPort.Asker asker = waiting.asker();
        SecondStartHandler started = current();
        if (started == null) {
            received(waiting.start(), asker);
        } else if (asker.isWaiting()) {
            // Whoever waits no longer has told its person so: nothing may come of it any more.
            asker.answer(Reply.of(Answer.RECEIVED));
            asker.answer(handle(started, waiting.start()));
        }
    }

    private synchronized @Nullable SecondStartHandler current() {
        return closing ? null : handler;
    }

    private Reply handle(SecondStartHandler started, SecondStart start) {
        if (desktop.isHiddenFrom(start.desktop())) {
            return Reply.of(Answer.ELSEWHERE, "it runs on " + desktop.where());
        }
        try {
            started.secondStart(start);
            return Reply.of(Answer.ACCEPTED);
        } catch (Throwable t) {
            logger.warn("A second start of this application was not dealt with", t);
            return Reply.of(Answer.REFUSED, "the running instance could not deal with it: " + t.getMessage());
        }
    }

    private static void tellOfClosing(Waiting waiting) {
        waiting.asker().answer(Reply.of(Answer.CLOSING));
    }

    private static void refuseAsTooMany(SecondStartPort.Asker asker) {
        asker.answer(
                Reply.of(Answer.REFUSED, "%d others wait for the running instance already".formatted(MOST_WAITING)));
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-second-start-handler");
        thread.setDaemon(true);
        return thread;
    }
}
