package io.relaunchguard.platform.socket;

import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.Reply;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartPort.Asker;
import io.relaunchguard.core.secondstart.SecondStartPort.Receiver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Takes what is received, and answers it as it is told to. */
final class Application implements Receiver {

    final List<SecondStart> starts = new CopyOnWriteArrayList<>();
    final List<Exception> troubles = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    volatile Consumer<Asker> answering = asker -> asker.answer(Reply.of(Answer.ACCEPTED));

    @Override
    public void received(SecondStart start, Asker asker) {
        starts.add(start);
        answering.accept(asker);
    }

    @Override
    public void troubled(Exception cause) {
        troubles.add(cause);
    }

    @Override
    public void failed(Throwable cause) {
        failures.add(cause);
    }
}
