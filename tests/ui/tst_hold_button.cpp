#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <QtWidgets/QLineEdit>
#include <QtWidgets/QVBoxLayout>

#include "ui/controls/hold_button.h"

using namespace Qt::StringLiterals;
using ui::controls::HoldButton;

class TestHoldButton : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void actsAfterTheWholeHold();
    void earlyReleaseCancels();
    void repeatedKeysAreOneHold();
    void losingTheFocusCancels();
    void leavingWithTheMouseCancels();
    void disablingCancels();
    void escapeCancels();
    void enterDoesNotPress();
    void oneHoldActsOnce();

private:
    void key(QEvent::Type type, bool repeat = false, int code = Qt::Key_Space);

    ui::theme::Theme m_theme{ui::theme::Scheme::Dark};
    std::unique_ptr<QWidget> m_window;
    HoldButton *m_button{nullptr};
    QLineEdit *m_other{nullptr};
    qint64 m_now{0};
};

void TestHoldButton::init()
{
    m_now = 0;
    m_window = std::make_unique<QWidget>();
    auto *column = new QVBoxLayout(m_window.get());
    m_button = new HoldButton(u"PANIC FLATTEN"_s, m_theme, m_window.get(), [this] { return m_now; });
    m_other = new QLineEdit(m_window.get());
    column->addWidget(m_button);
    column->addWidget(m_other);
    m_window->show();
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    m_button->setFocus();
}

void TestHoldButton::cleanup()
{
    m_window.reset();
}

void TestHoldButton::key(QEvent::Type type, bool repeat, int code)
{
    QKeyEvent event(type, code, Qt::NoModifier, QString(), repeat);
    QApplication::sendEvent(m_button, &event);
}

void TestHoldButton::actsAfterTheWholeHold()
{
    QSignalSpy held(m_button, &HoldButton::held);
    QTest::mousePress(m_button, Qt::LeftButton);
    QVERIFY(m_button->isHolding());
    m_now = 1'499;
    m_button->tick();
    QCOMPARE(held.count(), 0);
    m_now = 1'500;
    m_button->tick();
    QCOMPARE(held.count(), 1);
}

void TestHoldButton::earlyReleaseCancels()
{
    QSignalSpy held(m_button, &HoldButton::held);
    QSignalSpy canceled(m_button, &HoldButton::holdCanceled);
    QTest::mousePress(m_button, Qt::LeftButton);
    m_now = 1'400;
    QTest::mouseRelease(m_button, Qt::LeftButton);
    m_now = 5'000;
    m_button->tick();
    QCOMPARE(held.count(), 0);
    QCOMPARE(canceled.count(), 1);
}

void TestHoldButton::repeatedKeysAreOneHold()
{
    QSignalSpy held(m_button, &HoldButton::held);
    key(QEvent::KeyPress);
    for (m_now = 500; m_now < 1'500; m_now += 33) {
        key(QEvent::KeyRelease, true);
        key(QEvent::KeyPress, true);
        m_button->tick();
    }
    QCOMPARE(held.count(), 0);
    QVERIFY(m_button->isHolding());
    m_now = 1'510;
    m_button->tick();
    QCOMPARE(held.count(), 1);
}

void TestHoldButton::losingTheFocusCancels()
{
    QSignalSpy held(m_button, &HoldButton::held);
    key(QEvent::KeyPress);
    m_now = 1'000;
    m_other->setFocus();
    QVERIFY(!m_button->isHolding());
    m_now = 2'000;
    m_button->tick();
    QCOMPARE(held.count(), 0);
}

void TestHoldButton::leavingWithTheMouseCancels()
{
    QTest::mousePress(m_button, Qt::LeftButton);
    QTest::mouseMove(m_button, QPoint(-30, 5));
    QMouseEvent away(QEvent::MouseMove, QPointF(-30, 5), m_button->mapToGlobal(QPointF(-30, 5)), Qt::NoButton,
                     Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_button, &away);
    QVERIFY(!m_button->isHolding());
}

void TestHoldButton::disablingCancels()
{
    QSignalSpy held(m_button, &HoldButton::held);
    QTest::mousePress(m_button, Qt::LeftButton);
    m_button->setEnabled(false);
    m_now = 2'000;
    m_button->tick();
    QCOMPARE(held.count(), 0);
}

void TestHoldButton::escapeCancels()
{
    key(QEvent::KeyPress);
    key(QEvent::KeyPress, false, Qt::Key_Escape);
    QVERIFY(!m_button->isHolding());
}

void TestHoldButton::enterDoesNotPress()
{
    QSignalSpy held(m_button, &HoldButton::held);
    QSignalSpy clicked(m_button, &HoldButton::clicked);
    key(QEvent::KeyPress, false, Qt::Key_Return);
    QVERIFY(!m_button->isHolding());
    QCOMPARE(held.count() + clicked.count(), 0);
}

void TestHoldButton::oneHoldActsOnce()
{
    QSignalSpy held(m_button, &HoldButton::held);
    key(QEvent::KeyPress);
    m_now = 1'600;
    m_button->tick();
    for (m_now = 1'650; m_now < 6'000; m_now += 50) {
        key(QEvent::KeyPress, true);
        m_button->tick();
    }
    QCOMPARE(held.count(), 1);
}

QTEST_MAIN(TestHoldButton)
#include "tst_hold_button.moc"
