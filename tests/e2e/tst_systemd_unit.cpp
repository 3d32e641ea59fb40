#include <QtCore/QFile>
#include <QtCore/QMultiMap>
#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

#include "tests/e2e/program.h"

using namespace Qt::StringLiterals;

/// packaging/systemd/etrms-guard.service against the program that it starts and against what a guard needs of its keeper.
class TestSystemdUnit : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QFile file(QStringLiteral(ETRMS_SOURCE_DIR "/packaging/systemd/etrms-guard.service"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_text = QString::fromUtf8(file.readAll());
        QString section;
        for (const QString &line : m_text.split(u'\n')) {
            if (line.startsWith(u'['))
                section = line.mid(1, line.indexOf(u']') - 1);
            else if (!line.isEmpty() && !line.startsWith(u'#'))
                m_values.insert(section + u'.' + line.section(u'=', 0, 0), line.section(u'=', 1));
        }
    }

    void everyLineIsASettingOfItsSection()
    {
        static const QRegularExpression line(u"^(#.*|\\[(Unit|Service|Install)\\]|[A-Z][A-Za-z]+=\\S.*|)$"_s);
        for (const QString &text : m_text.split(u'\n'))
            QVERIFY2(line.match(text).hasMatch(), qPrintable(text));
    }

    void itKeepsAGuardAsAGuardMustBeKept_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("ended in order, stops stay") << u"Service.KillSignal"_s << u"SIGTERM"_s;
        QTest::newRow("started again when it died") << u"Service.Restart"_s << u"on-failure"_s;
        QTest::newRow("however often it dies") << u"Unit.StartLimitIntervalSec"_s << u"0"_s;
        QTest::newRow("no core file with keys") << u"Service.LimitCORE"_s << u"0"_s;
        QTest::newRow("no new rights") << u"Service.NoNewPrivileges"_s << u"yes"_s;
        QTest::newRow("of a user, not of the machine") << u"Install.WantedBy"_s << u"default.target"_s;
    }
    void itKeepsAGuardAsAGuardMustBeKept()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QCOMPARE(m_values.values(key), QStringList{value});
    }

    void itRunsAsNobodyElseAndShowsNoSecret()
    {
        for (const QString &key : {u"Service.User"_s, u"Service.Group"_s, u"Service.PermissionsStartOnly"_s})
            QVERIFY2(!m_values.contains(key), qPrintable(key));
        for (auto it = m_values.begin(); it != m_values.end(); ++it)
            QVERIFY2(!it.value().contains(u"root"_s) && !it.value().contains(u"PASSPHRASE"_s), qPrintable(it.key()));
    }

    void itStartsAProgramThatTakesItsOptions()
    {
        QStringList words = m_values.value(u"Service.ExecStart"_s).split(u' ');
        QCOMPARE(words.takeFirst(), u"/usr/bin/env"_s);
        const QString program = words.takeFirst();
        QVERIFY(QFile::exists(tests::program(program)));
        const QString command = words.takeFirst();
        const tests::Run help = tests::run(program, {command, u"--help"_s});
        QCOMPARE(help.status, 0);
        // What the unit itself names, and the line that its head tells people to write.
        QCOMPARE(words, QStringList{u"$ETRMS_GUARD_OPTIONS"_s});
        static const QRegularExpression example(u"ETRMS_GUARD_OPTIONS=([^\\n]*)"_s);
        const QStringList options = example.match(m_text).captured(1).split(u' ');
        QVERIFY(options.size() >= 4);
        for (const QString &word : options)
            if (word.startsWith(u"--"_s))
                QVERIFY2(help.out.contains(word.toUtf8()), qPrintable(word));
        const tests::Run unknown = tests::run(program, QStringList{command} + options + QStringList{u"--no-such-option"_s});
        QCOMPARE(unknown.status, 2);
    }

private:
    QString m_text;
    QMultiMap<QString, QString> m_values;
};

QTEST_GUILESS_MAIN(TestSystemdUnit)
#include "tst_systemd_unit.moc"
