#include <QtTest/QTest>

#include "core/net/proof_of_life.h"

using namespace core;
using namespace std::chrono_literals;

class TestProofOfLife : public QObject
{
    Q_OBJECT

private slots:
    void answersKeepIt()
    {
        net::ProofOfLife proof(60s);
        proof.prove(10s);
        for (Duration now = 40s; now < 1000s; now += 30s)
            QVERIFY(proof.onAnswer(now));
        QVERIFY(!proof.isInDoubt(1030s));
    }

    void silenceEndsIt()
    {
        net::ProofOfLife proof(60s);
        proof.prove(10s);
        proof.onFailure("shut out");
        QVERIFY(!proof.isInDoubt(70s));
        QVERIFY(proof.isInDoubt(70s + 1ns));
        QCOMPARE(proof.why(), std::string("shut out"));
    }

    void anAnswerAfterTheSilenceIsNotEnough()
    {
        net::ProofOfLife proof(60s);
        proof.prove(0s);
        QVERIFY(!proof.onAnswer(61s));
        QVERIFY(!proof.onAnswer(62s));
        QVERIFY(proof.isInDoubt(62s));
        proof.prove(63s); // everything was compared
        QVERIFY(!proof.isInDoubt(63s));
        QVERIFY(proof.why().empty());
        QVERIFY(proof.onAnswer(64s));
    }

    void anEventEndsTheDoubt()
    {
        net::ProofOfLife proof(60s);
        proof.prove(0s);
        QVERIFY(proof.isInDoubt(100s));
        proof.prove(100s);
        QVERIFY(proof.onAnswer(101s));
    }
};

QTEST_APPLESS_MAIN(TestProofOfLife)
#include "tst_proof_of_life.moc"
