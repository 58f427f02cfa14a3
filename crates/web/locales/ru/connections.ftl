# Подключённые аккаунты.

connections-lede = Аккаунты TikTok, в которые уходят ваши посты.
connections-add = Добавить аккаунт
connections-empty = Аккаунтов пока нет
connections-empty-more = Подключите аккаунт TikTok, и посты смогут выходить.
connections-active = Работает.
connections-reconnect-needed = Нужно переподключить.
connections-disconnected = Отключён. Доступ уничтожен.
connections-waiting = { $n ->
    [one] Его ждёт { $n } пост.
    [few] Его ждут { $n } поста.
   *[other] Его ждут { $n } постов.
}
scope-basic-granted = Мы видим имя и аватар
scope-publish-granted = Можем публиковать видео, которые вы запланировали
scope-publish-missing = Публикация не разрешена: работают только черновики
scope-upload-granted = Можем отправлять черновики во входящие TikTok
scope-upload-missing = Черновики не разрешены
connections-since = Подключён
connections-access = Доступ обновится сам до
connections-grant = Разрешение истекает
disconnect-title = Отключить «{ $name }»?
disconnect-text = Наш доступ к аккаунту и его аватар уничтожаются сразу, TikTok об этом узнаёт. Посты, которые его ждут, будут отложены. Его посты, история и файлы, нужные только им, стираются с { $at }, самое позднее к { $deadline }; подключите снова до этого — и они останутся.
