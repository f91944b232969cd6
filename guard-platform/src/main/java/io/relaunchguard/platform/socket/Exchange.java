package io.relaunchguard.platform.socket;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.ReplyCodec;
import io.relaunchguard.core.secondstart.ReplyCodec.Decoding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answers, on the side of the second start. Each answer that shows that the instance is alive
 * extends the deadline, once.
 */
final class Exchange {

    /** The maximum length in characters of an answer's text to pass on to a user. */
    static final int MOST_TEXT = 500;

    private final SocketChannel channel;
    private final Selector selector;
    private final Party party;
    private final int format;
    private final ByteBuffer answers = ByteBuffer.allocate(ReplyCodec.MAX_BYTES);
    private long deadline;
    private @Nullable Answer last;
    private boolean received;
    private boolean saidMore;
    private boolean hasBeenStarting;

    /** The instance to talk to, and the timeouts for that. */
    record Party(Path socket, Patience patience, Consumer<Answer> heard) {}

    private Exchange(SocketChannel channel, Selector selector, Party party, int format) {
        this.channel = channel;
        this.selector = selector;
        this.party = party;
        this.format = format;
        moveDeadline(party.patience().answer());
    }

    /** Sends the request and reads the answers; empty if the instance does not know this format. */
    static Optional<HandOver> run(SocketChannel channel, Party party, byte[] request, int format) throws IOException {
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            Exchange exchange = new Exchange(channel, selector, party, format);
            if (!exchange.send(ByteBuffer.wrap(request))) {
                return Optional.of(exchange.late());
            }
            key.interestOps(SelectionKey.OP_READ);
            return exchange.answer();
        }
    }

    private boolean send(ByteBuffer rest) throws IOException {
        while (rest.hasRemaining()) {
            if (!await()) {
                return false;
            }
            try {
                channel.write(rest);
            } catch (IOException e) {
                // An instance that refuses does not read to the end, but its answer can still be read.
                return true;
            }
        }
        return true;
    }

    private Optional<HandOver> answer() throws IOException {
        while (await()) {
            if (!canReadMore()) {
                return Optional.of(gone());
            }
            for (Decoding next = next(); !(next instanceof Decoding.Partial); next = next()) {
                if (next instanceof Decoding.Old) {
                    return Optional.empty();
                }
                if (next instanceof Decoding.Malformed) {
                    return Optional.of(new HandOver.Refused(
                            "the process that listens there is not an instance of this application"));
                }
                if (next instanceof Decoding.Whole whole) {
                    Optional<HandOver> end = heard(whole.reply());
                    if (end.isPresent()) {
                        return end;
                    }
                }
            }
        }
        return Optional.of(late());
    }

    private boolean canReadMore() {
        try {
            return channel.read(answers) >= 0;
        } catch (IOException e) {
            // A process that ends with unread data resets the connection instead of closing it.
            return false;
        }
    }

    /** Removes the first answer from those that have arrived, and returns it. */
    private Decoding next() {
        byte[] come = Arrays.copyOf(answers.array(), answers.position());
        if (come.length == 0) {
            return new Decoding.Partial();
        }
        Decoding decoding = format == 2 ? ReplyCodec.decode(come) : ReplyCodec.decode1(come[0]);
        int length = 0;
        if (decoding instanceof Decoding.Whole whole) {
            length = whole.length();
        } else if (decoding instanceof Decoding.Unheard unheard) {
            length = unheard.length();
            saidMore = true;
        }
        answers.flip().position(length);
        answers.compact();
        return decoding;
    }

    private Optional<HandOver> heard(Reply reply) {
        Answer answer = reply.answer();
        Optional<HandOver> end = switch (answer) {
            case ACCEPTED -> Optional.of(new HandOver.Accepted());
            case REFUSED ->
                Optional.of(new HandOver.Refused(
                        reply.text().isEmpty() ? "the running instance does not accept it" : line(reply.text())));
            case ELSEWHERE -> Optional.of(new HandOver.Elsewhere(line(reply.text())));
            case RECEIVED, STARTING, CLOSING -> Optional.empty();
        };
        if (end.isEmpty() && isNews(answer)) {
            received = true;
            last = answer;
            hasBeenStarting |= answer == Answer.STARTING;
            moveDeadline(
                    switch (answer) {
                        case STARTING -> party.patience().starting();
                        case CLOSING -> party.patience().closing();
                        case RECEIVED, ACCEPTED, REFUSED, ELSEWHERE ->
                            party.patience().answer();
                    });
            party.heard().accept(answer);
        }
        return end;
    }

    /**
     * Returns whether an answer is new. An application starts once and closes once; one that repeats such an answer
     * must not extend the deadline forever.
     */
    private boolean isNews(Answer answer) {
        return switch (answer) {
            case RECEIVED -> last == null || last == Answer.STARTING;
            case STARTING -> last == null || (last == Answer.RECEIVED && !hasBeenStarting);
            case CLOSING -> last != Answer.CLOSING;
            case ACCEPTED, REFUSED, ELSEWHERE -> false;
        };
    }

    /**
     * Returns the result for a closed connection. An instance that closes it is not silent: it may have begun to listen
     * again.
     */
    private HandOver gone() {
        return last == Answer.CLOSING || last == Answer.STARTING
                ? new HandOver.Closing(true)
                : new HandOver.Refused("it ended the connection without an answer");
    }

    /**
     * Returns the result for a passed deadline. An instance is silent only if it has sent nothing that needs
     * interpretation: no part of an answer, and nothing that only a later version understands.
     */
    private HandOver late() {
        if (last == Answer.STARTING) {
            return new HandOver.Starting();
        }
        if (last == Answer.CLOSING) {
            return new HandOver.Closing(false);
        }
        if (saidMore) {
            return new HandOver.Refused(
                    "its answer is of a kind that this version does not know, and no other came in time");
        }
        if (answers.position() > 0) {
            return new HandOver.Refused("it began an answer and did not finish it in time");
        }
        return new HandOver.Unanswered(received, party.socket(), "the time for its answer is over");
    }

    /** Returns the text as one line without control characters, whatever the other side has sent. */
    private static String line(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= MOST_TEXT ? line : line.substring(0, MOST_TEXT) + "…";
    }

    private void moveDeadline(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** Waits until the channel is ready, and returns whether that was before the deadline. */
    private boolean await() throws IOException {
        long left;
        do {
            left = deadline - System.nanoTime();
            selector.selectedKeys().clear();
        } while (left > 0
                && !Thread.currentThread().isInterrupted()
                && selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left))) == 0);
        return left > 0 && !Thread.currentThread().isInterrupted();
    }
}
